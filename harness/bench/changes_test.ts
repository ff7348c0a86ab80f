import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { uniformStream } from "../../norms/basics/random.ts";
import { benchHeader, benchRecord, changeRecord } from "./records_testing.ts";
import type { Baseline } from "./baseline.ts";
import { changesSince, meanChanges } from "./changes.ts";

/** A baseline of two passes that differ by noise alone. */
const BASELINE: Baseline = {
  name: "main",
  header: benchHeader(),
  records: [benchRecord({ noise: "first" }), benchRecord({ pass: 2, noise: "second" })],
};

/** The change of the composed norm, for the seed of the noise of this run. */
function changeOf(choices: Parameters<typeof benchRecord>[0]) {
  const [change, ...others] = changesSince(BASELINE, [benchRecord(choices)]);
  assertEquals(others.length, 0, "references are not judged");
  return change!;
}

Deno.test("a norm that became slower by a fifth is found, whatever the noise", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { verdict, change } = changeOf({ composed: 1.2e-3, noise: `${seed}` });
    assertEquals(verdict, "slower", `seed ${seed}: ${change}`);
  }
});

Deno.test("an unchanged norm is not flagged, whatever the noise", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { verdict, change } = changeOf({ noise: `${seed}` });
    assertEquals(verdict, "same", `seed ${seed}: ${change}`);
  }
});

Deno.test("a slower machine is not a slower norm", () => {
  const { verdict, change } = changeOf({ load: 3, noise: "now" });
  assertEquals(verdict, "same");
  assertAlmostEquals(change, 1, 0.05);
});

Deno.test("a norm that became faster is found, too", () => {
  assertEquals(changeOf({ composed: 0.7e-3, noise: "now" }).verdict, "faster");
});

Deno.test("a baseline whose passes differed by a half does not see a fifth", () => {
  const noisy: Baseline = {
    ...BASELINE,
    records: [benchRecord({ composed: 0.8e-3 }), benchRecord({ composed: 1.2e-3, pass: 2 })],
  };
  const [change] = changesSince(noisy, [benchRecord({ composed: 1.2e-3, noise: "now" })]);
  assert(change!.noise > 1.3);
  assertEquals(change!.verdict, "same");
});

Deno.test("what the baseline does not have is not judged", () => {
  assertEquals(changesSince(BASELINE, [benchRecord({ shape: [7, 7] })]), []);
});

/** Nine groups of a norm that became slower by `factor`, on a machine so noisy that none shows it. */
function noisyChanges(factor: number, seed: number) {
  const uniform = uniformStream(`${seed}`);
  const single = changeRecord(1);
  return Array.from({ length: 9 }, (_, i) => ({
    ...single,
    shape: [i + 1, 8],
    change: factor * Math.exp(0.16 * (uniform() - 0.5)),
  }));
}

Deno.test("the mean over all shapes finds a fifth that no single shape shows", () => {
  for (let seed = 0; seed < 20; seed++) {
    const [slower, ...others] = meanChanges(noisyChanges(1.2, seed));
    assertEquals([slower!.verdict, slower!.workload, others.length], ["slower", "all", 0]);
    assertEquals(meanChanges(noisyChanges(1, seed))[0]!.verdict, "same");
  }
});

Deno.test("one shape has no mean", () => {
  assertEquals(meanChanges([changeRecord(2)]), []);
});
