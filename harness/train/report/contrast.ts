/**
 * One arm held against another, and what the data support.
 *
 * @module
 */
import { count, formatNumber } from "../../../reports/format.ts";
import type { Measure } from "./measures.ts";
import type { Arm, Panel } from "./model.ts";
import { type Difference, difference, holm } from "../../../reports/statistics.ts";
import { quantileOfT } from "../../../reports/student_t.ts";

/** Who is held against whom. */
export interface Pair {
  readonly arm: Arm;
  readonly base: Arm;
}

/** What a comparison comes to. */
export type Reading =
  /** Tells the two apart, also after the correction for the number of comparisons. */
  | "supported"
  /** Would tell them apart if it were the only comparison. */
  | "suggested"
  /** A gap that chance makes as well. */
  | "inside the spread"
  /** Too few trials, or equal ones: nothing to hold the gap against. */
  | "no spread"
  /** One of the two has no finished trial. */
  | "not comparable";

/** A comparison of two arms. */
export interface Contrast extends Pair {
  readonly panel: Panel;
  readonly measure: Measure;
  readonly found: Difference | null;
  /** p after Holm's correction over the table that it stands in. */
  readonly adjusted: number | null;
  /** Comparisons that the correction counts. */
  readonly among: number;
  readonly reading: Reading;
}

const LEVEL = 0.05;

/** Compares pairs of one panel; the correction counts them all. */
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

function read(found: Difference | null, adjusted: number | null): Reading {
  if (found === null) return "not comparable";
  if (found.p === null || adjusted === null) return "no spread";
  if (adjusted < LEVEL) return "supported";
  return found.p < LEVEL ? "suggested" : "inside the spread";
}

/** Whether a supported gap is in the arm's favour: 1, against it: -1; 0 where nothing is supported. */
export function winner({ reading, found, measure }: Contrast): -1 | 0 | 1 {
  if (reading !== "supported" || found === null) return 0;
  return (found.mean > 0) === (measure.better === "higher") ? 1 : -1;
}

/** A comparison in a sentence: the gap, and what it supports. */
export function contrastSentence(each: Contrast): string {
  return [`${nameOf(each)}: ${gapSentence(each)}`, ...divergedSentences(each)].join(" ");
}

function nameOf({ arm, base }: Pair): string {
  return `${arm.label} against ${base.label}`;
}

function gapSentence(each: Contrast): string {
  const { measure, found, reading } = each;
  if (found === null) {
    const lacking = [each.arm, each.base].filter(({ finished }) => finished.length === 0);
    return lacking.length > 0
      ? `no comparison, since every trial of ${quoted(lacking)} diverged.`
      : `no comparison, since one of the two lacks the ${measure.name}.`;
  }
  const gap = gapInWords(each);
  switch (reading) {
    case "supported":
      return `${gap} (${evidence(each)}). The data support ${
        winner(each) > 0 ? "a gain" : "a loss"
      }.`;
    case "suggested":
      return `${gap} (${
        evidence(each)
      }). It would count if it were the only comparison; among ${each.among} it may be chance.`;
    case "inside the spread":
      return `${gap} (${
        evidence(each)
      }). A gap inside the spread: the data do not tell the two apart.`;
    default:
      return found.size < 2
        ? `${gap} in a single trial. There is no spread to hold it against, so it supports nothing.`
        : `${gap} in each of ${found.size} trials. They do not spread, so there is no test.`;
  }
}

function quoted(arms: readonly Arm[]): string {
  return arms.map(({ label }) => `“${label}”`).join(" and ");
}

/** How large the gap is, and to which side. */
function gapInWords({ measure, found }: Contrast): string {
  if (found === null || found.mean === 0) return `${measure.name} equal`;
  return `${measure.name} ${measure.formatSize(found.mean)}${measure.unit} ${
    found.mean > 0 ? "higher" : "lower"
  }`;
}

/** Interval and p of a comparison, in short. */
function evidence({ found, adjusted, among, measure }: Contrast): string {
  if (found?.interval == null || found.p === null) return "no test";
  const interval = `95\u00a0% interval ${formatRange(found.interval, measure)}`;
  const corrected = among > 1 ? `, after correction p\u00a0${formatP(adjusted)}` : "";
  return `${interval}; p\u00a0${formatP(found.p)}${corrected}`;
}

/** An interval of differences, with signs. */
export function formatRange([low, high]: readonly [number, number], measure: Measure): string {
  return `${signed(low, measure)} to ${signed(high, measure)}`;
}

/** A difference with its sign, without its unit. */
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

/** How far so few trials carry: the reach of the interval in standard errors. */
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
  return size > 5
    ? `${start}, a 95 % interval reaches ${reach} standard errors to each side.`
    : `${start}, a 95 % interval reaches ${reach} standard errors to each side: ` +
      "only large and steady gaps can be told from chance, effect sizes are rough, and a gap inside the spread is no proof that there is none, and differences that happen to be alike make p small. Read the gap before the p.";
}
