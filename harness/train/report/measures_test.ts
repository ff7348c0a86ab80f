import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  BEST_VALIDATION,
  COST,
  epochsTo,
  targetOf,
  TEST_ACCURACY,
  VALIDATION_ACCURACY,
} from "./measures.ts";
import { panelOf as panelOfRecords, type TrialChoices, trialRecords } from "./records_testing.ts";

function panelOf(...choices: TrialChoices[]) {
  return panelOfRecords(...choices.flatMap(trialRecords));
}

const NONE: TrialChoices = { arm: "none", model: { norm: "none" } };

Deno.test("the cost is the time of an image over that of none, in the same trial", () => {
  const panel = panelOf(
    { ...NONE, imagesPerSecond: 1000 },
    { ...NONE, number: 1, imagesPerSecond: 1000 },
    { imagesPerSecond: 500 },
    { number: 2, imagesPerSecond: 500 },
  );
  const [none, batch] = panel.arms;
  const cost = COST.of(batch!, panel);
  assertEquals([...cost.keys()], [0]);
  const speed = (arm: typeof none) => arm!.trials[0]!.record.imagesPerSecond;
  assertAlmostEquals(cost.get(0)!, speed(none) / speed(batch), 1e-12);
  assertEquals(COST.of(none!, panel).size, 0);
});

Deno.test("the target is where the plain network ends, or 80 % without one", () => {
  const panel = panelOf({ ...NONE, ceiling: 0.7 }, { ceiling: 0.9 });
  const [none, batch] = panel.arms;
  const target = targetOf(batch!, panel);
  assertEquals(target, VALIDATION_ACCURACY.of(none!, panel).get(0));
  const epochs = batch!.finished[0]!.epochs;
  const first = epochs.findIndex(({ validation }) => validation.accuracy >= target) + 1;
  assertEquals(epochsTo(target, batch!), [first]);
  assertEquals(epochsTo(0.99, batch!), []);

  const alone = panelOf({ ceiling: 0.9 });
  assertEquals(targetOf(alone.arms[0]!, alone), 0.8);
});

Deno.test("trials that diverged have no measures", () => {
  const panel = panelOf({ diverges: 3 }, { number: 1 });
  for (const measure of [TEST_ACCURACY, BEST_VALIDATION]) {
    assertEquals([...measure.of(panel.arms[0]!, panel).keys()], [1]);
  }
});

Deno.test("a deviation keeps a digit, however small", () => {
  assertEquals(TEST_ACCURACY.formatSize(0.0123), "1.2");
  assertEquals(TEST_ACCURACY.formatSize(0.0004), "0.04");
  assertEquals(TEST_ACCURACY.formatSize(0), "0.0");
  assertEquals(TEST_ACCURACY.format(0.8734), "87.3\u00a0%");
});
