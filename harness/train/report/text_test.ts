import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  sampleMissingData,
  sampleTrainHeader,
  sampleTraining,
  sampleTrial,
} from "../samples_testing.ts";
import { trainSummary } from "./text.ts";

Deno.test("trainSummary has a line an arm, the clearest comparisons, and the notices", () => {
  const trials = [0, 1, 2].flatMap((number) => [
    ...sampleTrial({ arm: "none", number, model: { norm: "none" }, ceiling: 0.8, spread: 0.004 }),
    ...sampleTrial({ arm: "batch", number, spread: 0.004 }),
  ]);
  const lines = trainSummary([sampleTrainHeader(), sampleMissingData(), ...trials]).split("\n");
  assertEquals(lines[0], "with-without: MLP");
  assertEquals(
    lines[1]?.replace(/ {2,}/g, "  "),
    "arm  trials  test accuracy  95 % of its mean  final loss  against none",
  );
  assertStringIncludes(lines[2]!, "none");
  assertStringIncludes(lines[3]!, "a gain");
  assertStringIncludes(lines[5]!, "with-without, MLP: batch against none: test accuracy");
  assertEquals(lines.at(-3), "6 trials of 2 arms in 1 suite.");
  assertEquals(lines.at(-2), "The data set fashion-mnist was not there.");
  assertStringIncludes(lines.join("\n"), "remedy: set NORMBENCH_DATA");
});

Deno.test("trainSummary keeps an arm on a line", () => {
  const longest = trainSummary(sampleTraining()).split("\n\n").slice(0, -2).join("\n").split("\n")
    .reduce((most, line) => Math.max(most, line.length), 0);
  assert(longest <= 110, `${longest} characters`);
});

Deno.test("trainSummary of an empty run says so", () => {
  assertEquals(trainSummary([sampleTrainHeader()]), "No trial is finished yet.\n");
});
