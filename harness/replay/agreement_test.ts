import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { agreements } from "./agreement.ts";
import { RECORDED } from "./published.ts";
import type { NotebookRunRecord } from "./record.ts";
import { notebookRun } from "./records_testing.ts";

/** A run of ten epochs of the plain network that ends with an accuracy. */
function run(seed: number, train: number, validation = 0.32): NotebookRunRecord {
  return notebookRun(seed, {
    accuracies: [{ epoch: 0, train: 0.1, validation: 0.1 }, { epoch: 10, train, validation }],
  });
}

const RECORDED_TRAINING = RECORDED.seeds.plain.training.at(-1)!;

Deno.test("runs like NumPy's agree, and what could have been found is said", () => {
  const runs = RECORDED_TRAINING.slice(0, 14).map((accuracy, i) => run(221 + i, accuracy));
  const [training, validation] = agreements(runs);
  assertEquals([training!.differs, validation!.differs], [false, false]);
  assertEquals([training!.here.length, training!.recorded.length, training!.epoch], [14, 30, 10]);
  // Pooled deviation about .037: (3.2 + 1.3) * .037 * sqrt(1/14 + 1/30).
  assertAlmostEquals(training!.detectable, 0.054, 0.008);
});

Deno.test("an accuracy of .10 differs, from one seed as from many; so does NaN", () => {
  assert(agreements([run(221, 0.1)])[0]!.differs);
  assert(agreements([run(221, 0.1), run(222, 0.11), run(223, 0.1)])[0]!.differs);
  assert(agreements([run(221, 0.64, 0.1)])[1]!.differs);
  assert(agreements([run(221, NaN)])[0]!.differs);
});

Deno.test("equal samples agree with p = 1, and a shift by the detectable difference is found", () => {
  // The recorded runs against themselves, all moved by the detectable difference: well below the level.
  const own = agreements(RECORDED_TRAINING.map((accuracy, i) => run(300 + i, accuracy)))[0]!;
  assertAlmostEquals(own.p, 1, 1e-9);
  const moved = RECORDED_TRAINING.map((accuracy, i) => run(300 + i, accuracy - own.detectable));
  const found = agreements(moved)[0]!;
  assert(found.differs);
  assertLess(found.p, 0.0025 / 10);
});

Deno.test("the notebook's own seed is no random choice", () => {
  assertEquals(agreements([run(220, 0.1)]), []);
});
