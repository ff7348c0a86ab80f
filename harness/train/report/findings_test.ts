import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { TrainRunRecord } from "../record.ts";
import { FINDINGS, questionOf } from "../questions/registry.ts";
import { answer, findingBlocks } from "./findings.ts";
import { modelTraining } from "./model.ts";
import {
  armRecords,
  referenceRun,
  trainHeader,
  type TrialChoices,
  trialRecords,
} from "./records_testing.ts";

function findings(...records: TrainRunRecord[]) {
  return answer(FINDINGS, modelTraining([trainHeader(), ...records], questionOf));
}

function trials(choices: TrialChoices): TrainRunRecord[] {
  return armRecords({ spread: 0.004, ...choices });
}

/** Layer and batch norm at a small and at a usual batch, with the accuracies that they tend to. */
function batchSizes(batch: number, layer: number): TrainRunRecord[] {
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

function verdicts(records: TrainRunRecord[], author: string): string[] {
  return findings(...records).flatMap((each) => each.verdicts)
    .filter((verdict) => verdict.startsWith(author));
}

Deno.test("every question of the assignments is answered by a run of all suites", () => {
  const report = modelTraining(referenceRun(), questionOf);
  assertEquals(answer(FINDINGS, report).length, 9);
  for (const { question, papers } of FINDINGS) assert(papers.length > 0, question);
  const blocks = findingBlocks(FINDINGS, report);
  assertEquals(JSON.stringify(blocks).includes("Not answered"), false);
});

Deno.test("what was not run is not answered, and said to be open", () => {
  const records = [...trials({ arm: "none", model: { norm: "none" } }), ...trials({})];
  const found = findings(...records).map(({ finding }) => finding.question);
  assertEquals(found, ["Which norm is good here, and why?", "What does a norm cost?"]);
  const text = JSON.stringify(
    findingBlocks(FINDINGS, modelTraining([trainHeader(), ...records], questionOf)),
  );
  assertStringIncludes(text, "What does the batch size do?");
  assertStringIncludes(text, "They need finished trials of placement");
  assertEquals(text.includes("Wu & He"), false);
});

Deno.test("nothing is measured where nothing was trained", () => {
  assertEquals(findings(), []);
});

Deno.test("a claim of a paper is supported, contradicted or left undecided by the records", () => {
  const [agree] = verdicts(batchSizes(0.6, 0.85), "Wu & He 2018");
  assertStringIncludes(agree!, "supported in the one comparison made");
  const [against] = verdicts(batchSizes(0.9, 0.85), "Wu & He 2018");
  assertStringIncludes(against!, "contradicted in the one comparison made");
  const [open] = verdicts(batchSizes(0.85, 0.85), "Wu & He 2018");
  assertStringIncludes(open!, "undecided in the one comparison made");
});

Deno.test("that no loss was found does not show that there is none", () => {
  const [tight] = verdicts(batchSizes(0.6, 0.85), "Ba et al. 2016 say");
  assertStringIncludes(tight!, "supported in");
  const wide = batchSizes(0.6, 0.85).map((record) =>
    record.kind === "trial" && record.trial.arm === "layer/2"
      ? { ...record, test: { ...record.test, accuracy: 0.8 + 0.04 * record.trial.number } }
      : record
  );
  const [open] = verdicts(wide, "Ba et al. 2016 say");
  assertStringIncludes(open!, "undecided in");
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
    ...trialRecords({ arm: "none", model: { norm: "none" }, ceiling: 0.5 }),
    ...trialRecords({ ceiling: 0.9 }),
  ];
  const text = JSON.stringify(findings(...records));
  assertStringIncludes(text, "too little spread for a test of batch");
  assertEquals(text.includes("the data support"), false);
  assertEquals(text.includes("supported in"), false);
});
