import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { contrast, contrastSentence, powerSentence, winner } from "./contrasts.ts";
import { FINAL_LOSS, TEST_ACCURACY } from "./measures.ts";
import { againstNone } from "./pairs.ts";
import { armRecords, panelOf, type TrialChoices, trialRecords } from "./records_testing.ts";

function compare(
  trials: number,
  norms: Readonly<Record<string, TrialChoices>>,
  measure = TEST_ACCURACY,
) {
  const records = Object.entries(norms).flatMap(([norm, choices]) =>
    armRecords({ arm: norm, model: { norm }, spread: 0.004, ...choices }, trials)
  );
  const panel = panelOf(...records);
  return contrast(panel, againstNone(panel), measure);
}

Deno.test("a wide gap is supported, in the direction that is better", () => {
  const norms = { none: { ceiling: 0.8 }, batch: { ceiling: 0.87 }, layer: { ceiling: 0.7 } };
  const [batch, layer] = compare(3, norms);
  assertEquals([batch!.reading, winner(batch!)], ["supported", 1]);
  assertEquals([layer!.reading, winner(layer!)], ["supported", -1]);
  assertStringIncludes(contrastSentence(batch!), "The data support a gain.");
  assertStringIncludes(contrastSentence(layer!), "points lower (95\u00a0% interval −");
  const [loss] = compare(3, norms, FINAL_LOSS);
  assertEquals(winner(loss!), 1);
  assert(loss!.found!.mean < 0);
});

Deno.test("a small gap is no difference detected", () => {
  const [batch] = compare(3, { none: { ceiling: 0.8 }, batch: { ceiling: 0.801, spread: 0.02 } });
  assertEquals([batch!.reading, winner(batch!)], ["no difference detected", 0]);
  assertStringIncludes(contrastSentence(batch!), "No difference detected.");
});

Deno.test("among many comparisons a gap counts less", () => {
  const gap = { none: { ceiling: 0.8 }, batch: { ceiling: 0.806 } };
  const others = Object.fromEntries(
    ["layer", "group", "rms", "instance", "weight"].map((norm) => [norm, { ceiling: 0.8 }]),
  );
  const [alone] = compare(3, gap);
  const [among] = compare(3, { ...gap, ...others });
  assertEquals([alone!.reading, alone!.adjusted], ["supported", alone!.found!.p]);
  assertEquals([among!.reading, among!.among], ["suggested", 6]);
  assertStringIncludes(contrastSentence(among!), "among 6 it may be chance");
});

Deno.test("a single trial supports nothing", () => {
  const [batch] = compare(1, { none: { ceiling: 0.5 }, batch: { ceiling: 0.9 } });
  assertEquals(batch!.reading, "no test");
  assertStringIncludes(contrastSentence(batch!), "in a single trial");
  assertEquals(powerSentence([batch!]), null);
});

Deno.test("diverged trials are named, and not averaged away", () => {
  const [none] = compare(3, { none: { diverges: 2 }, batch: {} });
  assertEquals(none!.reading, "not comparable");
  assertStringIncludes(contrastSentence(none!), "every trial of “none” diverged");

  const trials = [0, 1, 2].flatMap((number) => [
    ...trialRecords({ arm: "none", number, model: { norm: "none" }, ceiling: 0.7 }),
    ...trialRecords({ arm: "batch", number, ...(number === 1 ? { diverges: 2 } : {}) }),
  ]);
  const panel = panelOf(...trials);
  const [some] = contrast(panel, againstNone(panel), TEST_ACCURACY);
  assertEquals([some!.found!.test, some!.found!.size], ["paired", 2]);
  assertStringIncludes(contrastSentence(some!), "1 of 3 trials of batch diverged and is left out.");
});

Deno.test("three trials are said to be few", () => {
  const three = powerSentence(compare(3, { none: {}, batch: {} }))!;
  assertStringIncludes(three, "With 3 pairs, a 95 % interval reaches 4.3 standard errors");
  assertStringIncludes(three, "does not show that there is none");
  const ten = powerSentence(compare(10, { none: {}, batch: {} }))!;
  assertStringIncludes(ten, "2.3 standard errors");
  assertEquals(ten.includes("does not show"), false);
});
