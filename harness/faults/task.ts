/**
 * The faults task: runs the planted faults and prints the mutation score.
 *
 * @module
 */
import { CONTROLS, FAULTS } from "../../fixtures/faults/registry.ts";
import { count } from "../../reports/format.ts";
import { markdownTable, table, textTable } from "../../reports/table.ts";
import { formatRatio } from "../parity/report/verdicts.ts";
import { RIGHT_ALGORITHMS } from "../../fixtures/right/registry.ts";
import { range } from "../../norms/basics/shape.ts";
import { NORMS } from "../../norms/registry.ts";
import { selectBackends } from "../backend/active_backend.ts";
import { backendsOption, unneeded } from "../backend/option.ts";
import { VERDICTS } from "../parity/record.ts";
import { flag, someOf, wholeNumber } from "../run/options.ts";
import { defineTask, ExitStatus } from "../run/task.ts";
import { diagnoseAll, diagnosisMarkdown } from "./diagnosis_score.ts";
import { thresholdMarkdown, thresholds } from "./thresholds.ts";
import { shrinkMarkdown, shrinkScores } from "./shrink_score.ts";
import { type Accusation, type RightScore, rightScores } from "./right_score.ts";
import {
  type Catch,
  type ControlScore,
  faultCases,
  type FaultScore,
  isStronger,
  type MutationScore,
  mutationScore,
  rightCases,
} from "./mutation_score.ts";

/** The parity task's default, so that the cases are those that a user sees. */
const SEED = 0;

export const FAULTS_TASK = defineTask({
  name: "faults",
  about: "Plant faults in textbook norms, and see whether parity catches each of them; " +
    "run right algorithms, and see that it accuses none.",
  options: {
    norm: someOf(NORMS.map(({ name }): string => name), "whose faults and algorithms"),
    backend: backendsOption("cpu"),
    seeds: wholeNumber(
      "seeds for the right algorithms, each with a tenth of the cases; with --shrink, for each fault",
      { least: 1, fallback: 1 },
    ),
    shrink: flag("look for the smallest input on which each fault shows, and do nothing else"),
    diagnose: flag("see whether the diagnosis names each fault, and do nothing else"),
    markdown: flag("print the tables of docs/faults.md and docs/numerics.md"),
  },
  unneeded,
  notes: "Faults run on cpu, right algorithms on the backends that are named. " +
    "Exit status: 0 if every fault is caught and no right algorithm is called wrong, else 1; " +
    "2 for bad usage.",
  async run({ norm, backend, seeds, shrink, diagnose, markdown }) {
    const isWanted = (candidate: { readonly norm: string }) => norm.includes(candidate.norm);
    if (shrink) {
      const scores = await shrinkScores(FAULTS.filter(isWanted), range(seeds));
      console.log(shrinkMarkdown(scores));
      return ExitStatus.ok;
    }
    const backends = (await selectBackends(backend)).map(({ name }) => name);
    if (diagnose) {
      const diagnosed = await diagnoseAll(
        NORMS.filter(({ name }) => norm.includes(name)),
        backends,
      );
      console.log(diagnosisMarkdown(diagnosed));
      return ExitStatus.ok;
    }
    const score = await mutationScore(
      FAULTS.filter(isWanted),
      CONTROLS.filter(isWanted),
      faultCases,
      SEED,
    );
    const right = await rightScores(
      RIGHT_ALGORITHMS.filter(isWanted),
      rightCases,
      backends,
      range(seeds),
    );
    console.log(
      markdown
        ? [scoreMarkdown(score), rightMarkdown(right), thresholdMarkdown(thresholds(SEED))].join(
          "\n\n",
        )
        : `${scoreText(score)}\n\n${rightText(right)}`,
    );
    return survivors(score).length === 0 && accusationsOf(right).length === 0
      ? ExitStatus.ok
      : ExitStatus.failed;
  },
});

const CAUGHT = ["caught by", "verdict", "error / budget#"];

export function survivors({ faults }: MutationScore): readonly FaultScore[] {
  return faults.filter(({ caught }) => caught === undefined);
}

/** The catch that came closest to failing; undefined if there is none. */
function weakest(faults: readonly FaultScore[]): Catch | undefined {
  return faults
    .flatMap(({ caught }) => caught ?? [])
    .reduce<Catch | undefined>(
      (weak, found) => isStronger(found, weak) ? weak ?? found : found,
      undefined,
    );
}

/** The score in a line: `120 of 120 planted faults caught, 112 as wrong, 8 as loses digits`. */
export function scoreLine({ faults }: MutationScore): string {
  const catches = faults.flatMap(({ caught }) => caught ?? []);
  const verdicts = Map.groupBy(catches, ({ verdict }) => verdict);
  const counts = VERDICTS.flatMap((verdict) => {
    const found = verdicts.get(verdict)?.length ?? 0;
    return found === 0 ? [] : [`, ${found} as ${verdict}`];
  });
  return `${catches.length} of ${count(faults.length, "planted fault")} caught${counts.join("")}`;
}

/** The same for right algorithms: `0 of 170 right algorithms called wrong`. */
export function rightLine(scores: readonly RightScore[]): string {
  const accused = scores.filter(({ accusations }) => accusations.length > 0).length;
  return `${accused} of ${count(scores.length, "right algorithm")} called wrong`;
}

export function accusationsOf(scores: readonly RightScore[]): readonly Accusation[] {
  return scores.flatMap(({ accusations }) => accusations);
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

/** `layer/dense (dx)`, the verdict and the error in budgets. */
function catchCells(caught: Catch | undefined): string[] {
  if (caught === undefined) return ["NOT CAUGHT", "", ""];
  const { caseId, quantity, verdict, ratio } = caught;
  return [`${caseId} (${quantity})`, verdict, formatRatio(ratio)];
}

const RIGHT_COLUMNS = ["cases#", "lose digits#", "largest error / budget#", "called wrong#"];

function rightCells(scores: readonly RightScore[]): string[] {
  const total = (of: (score: RightScore) => number) =>
    String(scores.reduce((sum, score) => sum + of(score), 0));
  return [
    total(({ cases }) => cases),
    total(({ losing }) => losing),
    formatRatio(Math.max(...scores.map(({ largest }) => largest))),
    total(({ accusations }) => accusations.length),
  ];
}

export function rightText(scores: readonly RightScore[]): string {
  const rows = scores.map((score) => [
    score.algorithm.norm,
    score.algorithm.name,
    ...rightCells([score]),
  ]);
  const accusations = scores.flatMap(({ algorithm, accusations }) =>
    accusations.map(({ caseId, quantity, ratio, backend, seed }) =>
      `${algorithm.name}: ${caseId} (${quantity}) on ${backend}, seed ${seed}: ` +
      `${formatRatio(ratio)} budgets`
    )
  );
  return [
    textTable(table(["norm", "right algorithm", ...RIGHT_COLUMNS], rows)),
    "",
    ...accusations,
    `${rightLine(scores)}.`,
  ].join("\n");
}

/** A row for every kind of algorithm, over all norms. */
export function rightMarkdown(scores: readonly RightScore[]): string {
  const kinds = Map.groupBy(scores, ({ algorithm }) => algorithm.name);
  const rows = [...kinds].map(([name, ofKind]) => [
    name,
    ofKind[0]!.algorithm.about,
    ofKind.map(({ algorithm }) => algorithm.norm).join(", "),
    ...rightCells(ofKind),
  ]);
  const cells = table(["right algorithm", "how it computes", "norms", ...RIGHT_COLUMNS], rows);
  return `${markdownTable(cells)}\n\n${rightLine(scores)}.`;
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
