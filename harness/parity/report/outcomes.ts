/**
 * The checks of a parity run, one by one, for JUnit and GitHub.
 *
 * @module
 */
import { count, formatFloat32, formatOptions } from "../../../reports/format.ts";
import { missingOutcomes, type Outcome } from "../../run/formats.ts";
import { mergeRecords, splitRuns } from "../../run/runs.ts";
import type { Counterexample } from "../counterexample/record.ts";
import { fails, PARITY_KINDS, type ParityResultRecord, type ParityRunRecord } from "../record.ts";
import { findFindings, measurement } from "./findings.ts";
import { locate } from "../../run/report.ts";
import type { Check } from "./tally.ts";
import { VERDICT_MEANINGS } from "./verdicts.ts";

/** An outcome for every custom norm, case and backend; references fail nothing. */
export function outcomesOf(records: readonly ParityRunRecord[]): Outcome[] {
  const runs = splitRuns<ParityResultRecord>(mergeRecords([records], PARITY_KINDS));
  const examples = records.filter((record) => record.kind === "counterexample");
  const checks = locate(runs, "parity").filter(({ record }) => record.role === "custom");
  return [
    ...checks.map((check) => outcomeOf(check, examples)),
    ...missingOutcomes(runs.flatMap(({ missing }) => missing)),
  ];
}

function outcomeOf(check: Check, examples: readonly Counterexample[]): Outcome {
  const { record, site } = check;
  const { norm, contender, verdict, case: { id, shape, options, seed } } = record;
  const findings = findFindings([check]);
  const message = findings.map((each) => `${each.verdict}: ${measurement(each)}`).join("; ");
  const smallest = examples.find((each) => each.norm === norm && each.contender === contender);
  const { module } = site.header.options;
  return {
    suite: site.label,
    subject: `${norm}.${contender}`,
    name: id,
    status: fails(verdict) ? "failed" : verdict === "not judged" ? "skipped" : "passed",
    message: verdict === "not judged" ? `not judged: ${VERDICT_MEANINGS[verdict]}` : message,
    details: [
      ...message.split("; "),
      `case: shape [${shape.join(", ")}], ${
        formatOptions(options) || "default options"
      }, seed ${seed}`,
      ...(smallest === undefined ? [] : describeExample(smallest)),
    ].join("\n"),
    ...(typeof module === "string" && {
      source: { file: module.replace(/ sha256:\w+$/, ""), symbol: contender.split(".")[0]! },
    }),
  };
}

/** The smallest input that fails, in lines. */
export function describeExample(
  { shape, options, steps, inputs, quantity, got, error, expected, budget, diagnosis }:
    Counterexample,
): string[] {
  const list = (values: readonly number[]) => `[${values.map(formatFloat32).join(", ")}]`;
  const [suspect] = diagnosis?.suspects ?? [];
  return [
    `smallest input that fails: shape [${shape.join(", ")}], ${
      formatOptions(options) || "default options"
    }, ${count(steps, "step")}`,
    ...Object.entries(inputs).map(([name, { values }]) => `  ${name} = ${list(values)}`),
    `  ${quantity}: got ${got === undefined ? error : list(got)}`,
    `  ${quantity}: expected ${list(expected.values)}, within ${list(budget)}`,
    ...(suspect === undefined ? [] : [`looks like: ${suspect.fault}`]),
  ];
}
