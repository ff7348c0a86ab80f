/**
 * The mutation score in words and tables.
 *
 * @module
 */
import { count, formatRatio } from "../../reports/format.ts";
import { markdownTable, type Table, textTable } from "../../reports/table.ts";
import type { Catch, ControlScore, FaultScore, MutationScore } from "./mutation_score.ts";

/** Faults that no case catches. */
export function survivors({ faults }: MutationScore): readonly FaultScore[] {
  return faults.filter(({ caught }) => caught === undefined);
}

/** The catch that came closest to failing; undefined if there is none. */
export function weakest(faults: readonly FaultScore[]): Catch | undefined {
  return faults.flatMap(({ caught }) => caught ?? []).sort((a, b) => a.ratio - b.ratio)[0];
}

/** The score in a line: `120 of 120 planted faults caught, the weakest at 17 times its error budget`. */
export function scoreLine(score: MutationScore): string {
  const total = score.faults.length;
  const caught = total - survivors(score).length;
  const closest = weakest(score.faults);
  return `${caught} of ${count(total, "planted fault")} caught` +
    (closest === undefined
      ? ""
      : `, the weakest at ${formatRatio(closest.ratio)} times its error budget`);
}

/** Every fault, every control and the score, for the terminal. */
export function scoreText(score: MutationScore): string {
  const rows = score.faults.map(({ fault, caught }) => [
    fault.norm,
    fault.name,
    ...catchCells(caught),
  ]);
  return [
    textTable(scoreTable(["norm", "fault"], rows)),
    "",
    ...score.controls.map(controlLine),
    "",
    `${scoreLine(score)}.`,
  ].join("\n");
}

/** A row for every kind of fault, with the weakest catch over the norms that it was planted in. */
export function scoreMarkdown(score: MutationScore): string {
  const kinds = Map.groupBy(score.faults, ({ fault }) => fault.name);
  const rows = [...kinds.values()].map((faults) => {
    const { name, about } = faults[0]!.fault;
    const norms = faults.map(({ fault }) => fault.norm).join(", ");
    const survives = faults.some(({ caught }) => caught === undefined);
    return [name, about, norms, ...catchCells(survives ? undefined : weakest(faults))];
  });
  return `${markdownTable(scoreTable(["fault", "how it comes about", "norms"], rows))}\n\n${
    scoreLine(score)
  }.`;
}

function scoreTable(headings: readonly string[], rows: Table["rows"]): Table {
  return {
    columns: [
      ...[...headings, "caught by"].map((heading) => ({ heading, numeric: false })),
      { heading: "error / budget", numeric: true },
    ],
    rows,
  };
}

/** `layer/dense (dx)` and the error in budgets. */
function catchCells(caught: Catch | undefined): string[] {
  if (caught === undefined) return ["NOT CAUGHT", ""];
  return [`${caught.caseId} (${caught.quantity})`, formatRatio(caught.ratio)];
}

function controlLine({ control, cases, beyond }: ControlScore): string {
  const within = `${control.norm}, ${control.name} without a fault: within budget in ${
    cases - beyond.length
  } of ${count(cases, "case")}`;
  return beyond.length === 0
    ? within
    : `${within}; float32 does not carry it in ${beyond.map(({ caseId }) => caseId).join(", ")}`;
}
