/**
 * Lists of names, and comparisons summed up in a sentence.
 *
 * @module
 */
import { count } from "../../../reports/format.ts";
import { type Contrast, winner } from "./contrast.ts";
import { normLabel } from "./labels.ts";
import type { SuiteModel, TrainReport } from "./model.ts";

/** What the words of comparisons mean. */
export const HOW_TO_READ =
  "The data support a gain or a loss where p is below 0.05 after Holm’s correction for all comparisons of the table; they suggest a gap where it is so before the correction alone; any other gap is inside the spread of the trials.";

/** Names in a row: `a`, `a and b`, `a, b and c`. */
export function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A text that no line breaks between its words, for the narrow first column of a table. */
export function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

/** Above this number, comparisons are counted and not named. */
const NAMED = 9;

/** Who is compared; by the norm alone where both sides have the same. */
function nameOf({ arm, base }: Contrast): string {
  if (base.description.model.norm === "none") return arm.label;
  const [norm, other] = [normLabel(arm.description), normLabel(base.description)];
  return norm === other ? norm : `${arm.label} over ${base.label}`;
}

/** What comparisons of one table support: who gains, who loses, and where nothing can be said. */
export function sumUp(
  contrasts: readonly Contrast[],
  name: (each: Contrast) => string = nameOf,
): string {
  const some = (part: readonly Contrast[]) =>
    contrasts.length > NAMED
      ? `${part.length} of ${contrasts.length} comparisons`
      : listOf(part.map(name));
  const parts = [
    { of: (each: Contrast) => winner(each) > 0, says: "the data support a gain for" },
    { of: (each: Contrast) => winner(each) < 0, says: "the data support a loss for" },
    { of: (each: Contrast) => each.reading === "suggested", says: "they suggest a gap for" },
    {
      of: (each: Contrast) => each.reading === "inside the spread",
      says: "the gap is inside the spread for",
    },
    {
      of: (each: Contrast) => each.reading === "no spread",
      says: "there is no spread to judge by for",
    },
    {
      of: (each: Contrast) => each.reading === "not comparable",
      says: "no finished trial to compare with for",
    },
  ];
  return parts.flatMap(({ of, says }) => {
    const part = contrasts.filter(of);
    return part.length > 0 ? [`${says} ${some(part)}`] : [];
  }).join("; ");
}

/** What a reader must know before any figure: data that are not the real ones, and what is not there. */
export function noticesOf(report: TrainReport, suites: readonly SuiteModel[]): string[] {
  const arms = suites.flatMap(({ panels }) => panels.flatMap((panel) => panel.arms));
  const lacking = new Set(
    report.missing.filter(({ what }) => what === "data").map(({ name }) => name),
  );
  const synthetic = arms.some(({ description }) => description.data.name === "synthetic");
  const diverged = arms.reduce((sum, arm) => sum + arm.diverged.length, 0);
  const trials = arms.reduce((sum, arm) => sum + arm.trials.length, 0);
  const unfinished = suites.flatMap((suite) => suite.unfinished).length;
  const single = arms.filter((arm) => arm.trials.length === 1).length;
  return [
    ...[...lacking].map((name) => `The data set ${name} was not there.`),
    ...(synthetic
      ? [
        "These figures are of synthetic images, not of photographs: they say how the code behaves, and little of real data.",
      ]
      : []),
    ...(diverged > 0
      ? [`${diverged} of ${count(trials, "trial")} diverged; they are named and left out of means.`]
      : []),
    ...(unfinished > 0
      ? [
        `${count(unfinished, "trial")} ${
          unfinished === 1 ? "is" : "are"
        } not finished and left out; the train task goes on with --resume.`,
      ]
      : []),
    ...(single > 0
      ? [
        `${count(single, "arm")} ${
          single === 1 ? "has" : "have"
        } a single trial, which shows no spread and so supports no comparison.`,
      ]
      : []),
  ];
}
