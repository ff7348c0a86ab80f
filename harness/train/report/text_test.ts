import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { missingData, referenceRun, trainHeader, trialRecords } from "./records_testing.ts";
import { trainSummary } from "./text.ts";

Deno.test("trainSummary has a line an arm, the clearest comparisons, and the notices", () => {
  const trials = [0, 1, 2].flatMap((number) => [
    ...trialRecords({ arm: "none", number, model: { norm: "none" }, ceiling: 0.8, spread: 0.004 }),
    ...trialRecords({ arm: "batch", number, spread: 0.004 }),
  ]);
  const lines = trainSummary([trainHeader(), missingData(), ...trials]).split("\n");
  assertEquals(lines[0], "with-without: MLP");
  assertEquals(
    lines[1]?.replace(/ {2,}/g, "  "),
    "arm  trials  test accuracy  95 % of its mean  final loss  against none",
  );
  assertStringIncludes(lines[2]!, "none");
  assertStringIncludes(lines[3]!, "a gain");
  assertStringIncludes(lines[5]!, "with-without, MLP: batch against none: test accuracy");
  assertEquals(lines.at(-3), "6 trials of 2 arms in 1 suite.");
  assertEquals(lines.at(-2), "The data set fashion-mnist was not available.");
  assertStringIncludes(lines.join("\n"), "remedy: set NORMBENCH_DATA");
});

Deno.test("trainSummary keeps an arm on a line", () => {
  const longest = trainSummary(referenceRun()).split("\n\n").slice(0, -2).join("\n").split("\n")
    .reduce((most, line) => Math.max(most, line.length), 0);
  assert(longest <= 110, `${longest} characters`);
});

Deno.test("trainSummary of an empty run says so", () => {
  assertEquals(trainSummary([trainHeader()]), "No trial is finished yet.\n");
});
