/**
 * The steps of norms that fail or lose digits: how many bits are right after each.
 *
 * @module
 */
import { type Block, paragraph, type Section } from "../../../reports/document.ts";
import { formatNumber } from "../../../reports/format.ts";
import { table } from "../../../reports/table.ts";
import type { StepsRecord } from "../record.ts";
import { lossLine, type StepDigits } from "../step_record.ts";
import type { ParityReport } from "./model.ts";
import { formatRatio, formatVerdict } from "./verdicts.ts";

/** The norms that return their steps, one after the other; empty where none does. */
export function stepsSection({ steps }: Pick<ParityReport, "steps">): Section {
  const about = paragraph(
    "Bits of 24 that are right in the worst and the median element, beside the float64 oracle. They are " +
      "counted from the magnitude of an element, or of its group where the element is smaller. Promised is " +
      "what careful float32 keeps in the worst element.",
  );
  const blocks = steps.flatMap(({ record }) => recordBlocks(record));
  return {
    heading: "Step by step",
    anchor: "steps",
    blocks: blocks.length === 0 ? [] : [about, ...blocks],
  };
}

function recordBlocks(record: StepsRecord): Block[] {
  const { norm, contender, backend, case: id, steps } = record;
  return [
    { kind: "heading", text: `${contender}, ${norm}` },
    paragraph(`${lossOf(record)} Case ${id}, on ${backend}.`),
    ...(steps ? [{ kind: "table" as const, table: digitsTable(steps) }] : []),
  ];
}

function digitsTable(steps: readonly StepDigits[]) {
  return table(
    [
      ...["step", "worst, bits#", "median, bits#", "promised, bits#", "largest error#"],
      ...["error / budget#", "verdict"],
    ],
    steps.map(({ step, worst, median, promised, largest, ratio, verdict }) => [
      step,
      ...[worst, median, promised, largest].map((number) => formatNumber(number, 2)),
      formatRatio(ratio),
      formatVerdict(verdict),
    ]),
  );
}

/** Where the digits go, in a line. */
export function stepsLine(record: StepsRecord): string {
  return `Steps of ${record.contender} in ${record.case}: ${lossOf(record)}`;
}

function lossOf({ steps, error }: StepsRecord): string {
  return steps ? lossLine(steps) : `They cannot be compared: ${error}.`;
}
