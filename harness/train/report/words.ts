/** Lists of names, comparisons summed up in a sentence, and what a reader must know first. */
import type { Headline } from "../../../reports/document.ts";
import { count } from "../../../reports/format.ts";
import { type Contrast, winner } from "./contrasts.ts";
import { normLabel } from "./labels.ts";
import { mechanismHeadline, mechanismPanels } from "./mechanism_claims.ts";
import { armsOf, type SuiteModel, type TrainReport } from "./model.ts";
import { isPlain } from "./pairs.ts";

export const HOW_TO_READ =
  "The data support a gain or a loss if p is below 0.05 after Holm’s correction for all comparisons of the table; they suggest a difference if p is below 0.05 only before the correction; otherwise no difference is detected.";

/** Names in a row: `a`, `a and b`, `a, b and c`. */
export function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Text that is not broken between its words, for the narrow first column of a table. */
export function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

/** Above this number, comparisons are counted and not named. */
const NAMED = 9;

/** Who is compared; by the norm alone where both sides have the same. */
function nameOf({ arm, base }: Contrast): string {
  if (isPlain(base)) return arm.label;
  const [norm, other] = [normLabel(arm.description), normLabel(base.description)];
  return norm === other ? norm : `${arm.label} over ${base.label}`;
}

const SUMS: readonly (readonly [says: string, of: (each: Contrast) => boolean])[] = [
  ["the data support a gain for", (each) => winner(each) > 0],
  ["the data support a loss for", (each) => winner(each) < 0],
  ["they suggest a difference for", ({ reading }) => reading === "suggested"],
  ["no difference detected for", ({ reading }) => reading === "no difference detected"],
  ["too little spread for a test of", ({ reading }) => reading === "no test"],
  ["no finished trial to compare for", ({ reading }) => reading === "not comparable"],
];

export function sumUp(
  contrasts: readonly Contrast[],
  name: (each: Contrast) => string = nameOf,
): string {
  return SUMS.flatMap(([says, of]) => {
    const part = contrasts.filter(of);
    if (part.length === 0) return [];
    const some = contrasts.length > NAMED
      ? `${part.length} of ${contrasts.length} comparisons`
      : listOf(part.map(name));
    return [`${says} ${some}`];
  }).join("; ");
}

/** What a reader must know before any figure: missing data, synthetic images, trials without a result. */
function noticesOf(report: TrainReport, suites: readonly SuiteModel[]): string[] {
  const arms = armsOf(suites);
  const lacking = new Set(
    report.missing.filter(({ what }) => what === "data").map(({ name }) => name),
  );
  const synthetic = arms.some(({ description }) => description.data.name === "synthetic");
  const diverged = arms.flatMap((arm) => arm.diverged).length;
  const trials = arms.flatMap((arm) => arm.trials).length;
  const unfinished = suites.flatMap((suite) => suite.unfinished).length;
  const single = arms.filter((arm) => arm.trials.length === 1).length;
  const notices: readonly (readonly [applies: boolean, text: string])[] = [
    [
      synthetic,
      "These figures are of synthetic images, not of photographs: they show how the code behaves, and little of real data.",
    ],
    [
      diverged > 0,
      `${diverged} of ${count(trials, "trial")} diverged; they are named and left out of means.`,
    ],
    [
      unfinished > 0,
      `${count(unfinished, "trial")} ${
        unfinished === 1 ? "is" : "are"
      } not finished and left out; continue the run with --resume.`,
    ],
    [
      single > 0,
      `${count(single, "arm")} ${
        single === 1 ? "has" : "have"
      } a single trial, which shows no spread and so supports no comparison.`,
    ],
  ];
  return [
    ...[...lacking].map((name) => `The data set ${name} was not available.`),
    ...notices.flatMap(([applies, text]) => applies ? [text] : []),
  ];
}

/** The headline of some suites; without a finished trial it says that alone. */
export function headlineOf(
  report: TrainReport,
  suites: readonly SuiteModel[],
  verdict: string,
  remarks: readonly string[] = [],
): Headline {
  const isEmpty = armsOf(suites).length === 0;
  const isIncomplete = isEmpty || report.missing.length > 0 ||
    suites.some(({ unfinished }) => unfinished.length > 0);
  return {
    tone: isIncomplete ? "incomplete" : "neutral",
    verdict: isEmpty ? "No trial is finished yet." : verdict,
    remarks: [...noticesOf(report, suites), ...remarks],
  };
}

export function trainHeadline(report: TrainReport): Headline {
  const { observations } = report;
  const arms = armsOf(report.suites);
  const parts = [
    count(arms.flatMap(({ trials }) => trials).length, "trial"),
    count(arms.length, "arm"),
    count(report.suites.length, "suite"),
  ];
  const verdict = `${parts[0]} of ${parts[1]} in ${parts[2]}.`;
  if (observations.length === 0) return headlineOf(report, report.suites, verdict);
  const measured = mechanismHeadline(mechanismPanels(report));
  if (arms.length > 0) return headlineOf(report, report.suites, verdict, [measured]);
  return { tone: "neutral", verdict: measured, remarks: [] };
}
