import { count, formatNumber } from "../../../reports/format.ts";
import { type Difference, difference, holm } from "../../../reports/statistics.ts";
import { quantileOfT } from "../../../reports/student_t.ts";
import type { Measure } from "./measures.ts";
import type { Pair } from "./pairs.ts";
import type { Arm, Panel } from "./panel.ts";

export type Reading =
  /** A difference, also after the correction for the number of comparisons. */
  | "supported"
  /** A difference, if it were the only comparison. */
  | "suggested"
  /** A gap that chance makes as well. */
  | "no difference detected"
  /** Too few trials, or equal ones: there is no spread to test the gap against. */
  | "no test"
  /** One of the two has no finished trial. */
  | "not comparable";

export interface Contrast extends Pair {
  readonly panel: Panel;
  readonly measure: Measure;
  readonly found: Difference | null;
  /** p after Holm's correction over the family. */
  readonly adjusted: number | null;
  /** Comparisons that the correction counts. */
  readonly among: number;
  readonly reading: Reading;
}

/** Comparisons of one measure that one correction counts, panel by panel. */
export interface Family {
  readonly heading: string;
  readonly measure: Measure;
  pairs(panel: Panel): Pair[];
}

export interface TestedFamily {
  readonly family: Family;
  readonly panel: Panel;
  readonly contrasts: readonly Contrast[];
}

const LEVEL = 0.05;

export function contrast(panel: Panel, pairs: readonly Pair[], measure: Measure): Contrast[] {
  const found = pairs.map(({ arm, base }) =>
    difference(measure.of(arm, panel), measure.of(base, panel))
  );
  const adjusted = holm(found.map((each) => each?.p ?? null));
  const among = adjusted.filter((p) => p !== null).length;
  return pairs.map((pair, index) => {
    const each = found[index]!;
    const p = adjusted[index]!;
    return { ...pair, panel, measure, found: each, adjusted: p, among, reading: read(each, p) };
  });
}

export function testFamilies(
  panels: readonly Panel[],
  families: readonly Family[],
): TestedFamily[] {
  return families.flatMap((family) =>
    panels.map((panel) => ({
      family,
      panel,
      contrasts: contrast(panel, family.pairs(panel), family.measure),
    }))
  ).filter(({ contrasts }) => contrasts.length > 0);
}

/** Comparisons of a norm against another, or of any other norm where `norm` is left out. */
export function ofNorms(
  contrasts: readonly Contrast[],
  { norm, against }: { readonly norm?: string; readonly against: string },
): Contrast[] {
  return contrasts.filter((each) => {
    const [own, other] = [each.arm.description.model.norm, each.base.description.model.norm];
    return other === against && (norm === undefined ? own !== against : own === norm);
  });
}

function read(found: Difference | null, adjusted: number | null): Reading {
  if (found === null) return "not comparable";
  if (found.p === null || adjusted === null) return "no test";
  if (adjusted < LEVEL) return "supported";
  return found.p < LEVEL ? "suggested" : "no difference detected";
}

/** Whether a supported gap is in the arm's favour: 1, against it: -1; 0 where nothing is supported. */
export function winner({ reading, found, measure }: Contrast): -1 | 0 | 1 {
  if (reading !== "supported" || found === null) return 0;
  return (found.mean > 0) === (measure.better === "higher") ? 1 : -1;
}

export function readingOf(each: Contrast): string {
  if (each.reading !== "supported") return each.reading;
  return winner(each) > 0 ? "a gain" : "a loss";
}

export function contrastSentence(each: Contrast): string {
  const { arm, base } = each;
  return [`${arm.label} against ${base.label}: ${gapSentence(each)}`, ...divergedSentences(each)]
    .join(" ");
}

function gapSentence(each: Contrast): string {
  const { measure, found, reading } = each;
  if (found === null) {
    const lacking = [each.arm, each.base].filter(({ finished }) => finished.length === 0);
    return lacking.length > 0
      ? `not comparable, since every trial of ${quoted(lacking)} diverged.`
      : `not comparable, since one of the two lacks the ${measure.name}.`;
  }
  const gap = gapInWords(each);
  if (reading === "no test") {
    return found.size < 2
      ? `${gap} in a single trial: no test.`
      : `${gap} in each of ${found.size} trials. They do not spread: no test.`;
  }
  const conclusion = reading === "supported"
    ? `The data support ${readingOf(each)}.`
    : reading === "suggested"
    ? `It would count if it were the only comparison; among ${each.among} it may be chance.`
    : "No difference detected.";
  return `${gap} (${evidence(each)}). ${conclusion}`;
}

function quoted(arms: readonly Arm[]): string {
  return arms.map(({ label }) => `“${label}”`).join(" and ");
}

function gapInWords({ measure, found }: Contrast): string {
  if (found === null || found.mean === 0) return `${measure.name} equal`;
  return `${measure.name} ${measure.formatSize(found.mean)}${measure.unit} ${
    found.mean > 0 ? "higher" : "lower"
  }`;
}

function evidence({ found, adjusted, among, measure }: Contrast): string {
  if (found?.interval == null || found.p === null) return "no test";
  const interval = `95\u00a0% interval ${formatRange(found.interval, measure)}`;
  const corrected = among > 1 ? `, after correction p\u00a0${formatP(adjusted)}` : "";
  return `${interval}; p\u00a0${formatP(found.p)}${corrected}`;
}

export function formatRange([low, high]: readonly [number, number], measure: Measure): string {
  return `${signed(low, measure)} to ${signed(high, measure)}`;
}

export function signed(value: number, measure: Measure): string {
  return `${value < 0 ? "−" : "+"}${measure.formatSize(value)}`;
}

/** A p value with the sign before it: `= 0.012`, `< 0.001`. */
export function formatP(p: number | null): string {
  if (p === null) return "unknown";
  return p < 0.001 ? "<\u00a00.001" : `=\u00a0${formatNumber(p, 2)}`;
}

function divergedSentences({ arm, base }: Contrast): string[] {
  return [arm, base].flatMap(({ label, diverged, trials }) =>
    diverged.length === 0 || diverged.length === trials.length ? [] : [
      `${diverged.length} of ${count(trials.length, "trial")} of ${label} diverged and ${
        diverged.length === 1 ? "is" : "are"
      } left out.`,
    ]
  );
}

/** How much so few trials can show: the reach of the interval in standard errors. */
export function powerSentence(contrasts: readonly Contrast[]): string | null {
  const sizes = contrasts.flatMap(({ found }) => found?.interval == null ? [] : [found.size]);
  if (sizes.length === 0) return null;
  const [size, paired] = [Math.min(...sizes), contrasts.every((c) => c.found?.test !== "Welch")];
  const start = paired
    ? `Trials are paired by seed. With ${count(size, "pair")}`
    : `Trials are paired by seed where both arms have it, else Welch’s test is used. With ${
      count(size, "trial")
    }`;
  const reach = formatNumber(quantileOfT(0.975, size - 1), 2);
  const sentence = `${start}, a 95 % interval reaches ${reach} standard errors to each side`;
  return size > 5
    ? `${sentence}.`
    : `${sentence}: only large and steady gaps can be told from chance, and effect sizes are rough. ` +
      "That no difference is detected does not show that there is none, and differences that happen to be alike make p small. Read the gap before the p.";
}
