/**
 * The faults task: runs the planted faults and prints the mutation score.
 *
 * @module
 */
import { CONTROLS, FAULTS } from "../../fixtures/faults/registry.ts";
import { count } from "../../reports/format.ts";
import { markdownTable, table, textTable } from "../../reports/table.ts";
import { formatRatio } from "../parity/report/verdicts.ts";
import { flag } from "../run/options.ts";
import { defineTask, ExitStatus } from "../run/task.ts";
import {
  type Catch,
  type ControlScore,
  faultCases,
  type FaultScore,
  type MutationScore,
  mutationScore,
} from "./mutation_score.ts";

/** The parity task's default, so that the cases are those that a user sees. */
const SEED = 0;

export const FAULTS_TASK = defineTask({
  name: "faults",
  about: "Plant faults in textbook norms, and see whether parity catches each of them.",
  options: { markdown: flag("print the table of docs/faults.md, a row for every kind of fault") },
  notes: "Exit status: 0 if every fault is caught, 1 if one is not, 2 for bad usage.",
  async run({ markdown }) {
    const score = await mutationScore(FAULTS, CONTROLS, faultCases, SEED);
    console.log(markdown ? scoreMarkdown(score) : scoreText(score));
    return survivors(score).length === 0 ? ExitStatus.ok : ExitStatus.failed;
  },
});

const CAUGHT = ["caught by", "error / budget#"];

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

export function scoreText(score: MutationScore): string {
  const rows = score.faults.map(({ fault, caught }) => [
    fault.norm,
    fault.name,
    ...catchCells(caught),
  ]);
  return [
    textTable(table(["norm", "fault", ...CAUGHT], rows)),
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
  const cells = table(["fault", "how it comes about", "norms", ...CAUGHT], rows);
  return `${markdownTable(cells)}\n\n${scoreLine(score)}.`;
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
    : `${within}; its formula leaves float32's range in ${
      beyond.map(({ caseId }) => caseId).join(", ")
    }`;
}
