import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import { pairedRatio, ratioChange, spread, unpairedRatio } from "./ratios.ts";

/** Samples around `center`, each a few percent off it. */
function around(center: number, count: number, seed: string): number[] {
  return [...standardNormal(count, uniformStream(seed))].map((z) => center * Math.exp(0.05 * z));
}

Deno.test("spread interpolates between neighbours", () => {
  assertEquals(spread([4, 1, 3, 2, 5]), { median: 3, p25: 2, p75: 4, p99: 4.96 });
  assertEquals(spread([7]), { median: 7, p25: 7, p75: 7, p99: 7 });
});

Deno.test("a bootstrap interval covers the true ratio about 95 times of 100", () => {
  for (const ratio of [pairedRatio, unpairedRatio]) {
    const covered = Array.from({ length: 100 }, (_, trial) => {
      const [above, below] = [around(1.3, 31, `a${trial}`), around(1, 31, `b${trial}`)];
      const { low, high } = ratio(above, below, uniformStream(String(trial)));
      return low <= 1.3 && 1.3 <= high;
    }).filter(Boolean).length;
    assertGreater(covered, 88, ratio.name);
  }
});

Deno.test("pairing takes out what slows both at once", () => {
  const loads = around(1, 31, "load").map((load) => load ** 8);
  const [above, below] = [
    around(1.2, 31, "a").map((seconds, i) => seconds * loads[i]!),
    around(1, 31, "b").map((seconds, i) => seconds * loads[i]!),
  ];
  const paired = pairedRatio(above, below, uniformStream("0"));
  const apart = unpairedRatio(above, below, uniformStream("0"));
  assertAlmostEquals(paired.value, 1.2, 0.06);
  assertLess(paired.high - paired.low, 0.7 * (apart.high - apart.low));
});

Deno.test("a machine that is ten times as slow now and then does not change a paired ratio", () => {
  const loads = Array.from({ length: 31 }, (_, round) => round % 2 === 0 ? 1 : 10);
  const below = around(1, 31, "b");
  const above = below.map((seconds) => 1.2 * seconds);
  const loaded = (samples: readonly number[]) => samples.map((seconds, i) => seconds * loads[i]!);
  const { value, low, high } = pairedRatio(loaded(above), loaded(below), uniformStream("0"));
  for (const each of [value, low, high]) assertAlmostEquals(each, 1.2, 1e-12);
});

Deno.test("a change of a ratio does not see that the whole machine slowed down", () => {
  const then = { above: around(2, 31, "a"), below: around(1, 31, "b") };
  const now = { above: around(2 * 3, 31, "c"), below: around(3, 31, "d") };
  const { value, low, high } = ratioChange(now, then, uniformStream("0"));
  assertAlmostEquals(value, 1, 0.06);
  assert(low < 1 && 1 < high);
});

Deno.test("the same seed gives the same interval", () => {
  const [above, below] = [around(1, 9, "a"), around(1, 9, "b")];
  assertEquals(
    pairedRatio(above, below, uniformStream("3")),
    pairedRatio(above, below, uniformStream("3")),
  );
});
