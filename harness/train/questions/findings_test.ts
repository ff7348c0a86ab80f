import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { NormbenchRecord } from "../../run/record.ts";
import {
  sampleTrainHeader,
  sampleTraining,
  sampleTrial,
  type TrialChoices,
} from "../samples_testing.ts";
import { modelTraining } from "../report/model.ts";
import { findFindings, findingBlocks } from "./findings.ts";

function findings(...records: NormbenchRecord[]) {
  return findFindings(modelTraining([sampleTrainHeader(), ...records]));
}

function trials(choices: TrialChoices): NormbenchRecord[] {
  return [0, 1, 2].flatMap((number) => sampleTrial({ spread: 0.004, ...choices, number }));
}

/** Layer and batch norm at a small and at a usual batch, with the accuracies that they tend to. */
function batchSizes(batch: number, layer: number): NormbenchRecord[] {
  return [2, 32].flatMap((batchSize) =>
    ["batch", "layer"].flatMap((norm) =>
      trials({
        suite: "batch-size",
        arm: `${norm}/${batchSize}`,
        model: { norm },
        batchSize,
        ceiling: batchSize === 32 ? 0.85 : norm === "batch" ? batch : layer,
      })
    )
  );
}

function verdicts(records: NormbenchRecord[], author: string): string[] {
  return findings(...records).flatMap((finding) => finding.verdicts)
    .filter((verdict) => verdict.startsWith(author));
}

Deno.test("every question of the assignments is answered by a run of all suites", () => {
  const [, ...records] = sampleTraining();
  const found = findings(...records);
  assertEquals(found.length, 9);
  for (const { question, papers } of found) assert(papers.length > 0, question);
  const blocks = findingBlocks(modelTraining([sampleTrainHeader(), ...records]));
  assertEquals(JSON.stringify(blocks).includes("Not answered"), false);
});

Deno.test("what was not run is not answered, and said to be open", () => {
  const records = [...trials({ arm: "none", model: { norm: "none" } }), ...trials({})];
  const found = findings(...records).map(({ question }) => question);
  assertEquals(found, ["Which norm is good here, and why?", "What does a norm cost?"]);
  const text = JSON.stringify(findingBlocks(modelTraining([sampleTrainHeader(), ...records])));
  assertStringIncludes(text, "What does the batch size do?");
  assertStringIncludes(text, "They need finished trials of placement");
  assertEquals(text.includes("Wu & He"), false);
});

Deno.test("nothing is measured where nothing was trained", () => {
  assertEquals(findings(), []);
});

Deno.test("a claim of a paper is agreed to, contradicted or left open by the records", () => {
  const [agree] = verdicts(batchSizes(0.6, 0.85), "Wu & He 2018");
  assertStringIncludes(agree!, "these records agree in the one comparison made");
  const [against] = verdicts(batchSizes(0.9, 0.85), "Wu & He 2018");
  assertStringIncludes(against!, "they speak against it in the one comparison made");
  const [open] = verdicts(batchSizes(0.85, 0.85), "Wu & He 2018");
  assertStringIncludes(open!, "they do not support it in the one comparison made");
});

Deno.test("that no loss was found is no proof that there is none", () => {
  const [tight] = verdicts(batchSizes(0.6, 0.85), "Ba et al. 2016 say");
  assertStringIncludes(tight!, "these records agree");
  const wide = batchSizes(0.6, 0.85).map((record) =>
    record.kind === "trial" && record.trial.arm === "layer/2"
      ? { ...record, test: { ...record.test, accuracy: 0.8 + 0.04 * record.trial.number } }
      : record
  );
  const [open] = verdicts(wide, "Ba et al. 2016 say");
  assertStringIncludes(open!, "they do not support it");
});

Deno.test("sentences about the records follow the records", () => {
  const sentence = (ceiling: number) =>
    findings(
      ...trials({ arm: "none", model: { norm: "none" }, ceiling: 0.8 }),
      ...trials({ arm: "batch", ceiling }),
    )[0]!.measured[0]!;
  assertStringIncludes(sentence(0.87), "the data support a gain for batch");
  assertStringIncludes(sentence(0.7), "the data support a loss for batch");
});

Deno.test("no question says more than its suites allow: a page of one trial finds no support", () => {
  const records = [
    ...sampleTrial({ arm: "none", model: { norm: "none" }, ceiling: 0.5 }),
    ...sampleTrial({ ceiling: 0.9 }),
  ];
  const text = JSON.stringify(findings(...records));
  assertStringIncludes(text, "there is no spread to judge by for batch");
  assertEquals(text.includes("the data support"), false);
  assertEquals(text.includes("records agree"), false);
});
