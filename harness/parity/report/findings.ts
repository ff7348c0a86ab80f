/**
 * Findings: everything that is not right, grouped.
 *
 * A reference that is wrong is often wrong on every backend: that is one finding. Cases that fail with the
 * same error are one finding, too, and so are all quantities of a norm that cases cannot judge.
 *
 * @module
 */
import { count, formatOptions, oneLine } from "../../../reports/format.ts";
import {
  answered,
  type CaseRecord,
  fails,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
  VERDICTS,
} from "../record.ts";
import { type Check, largest } from "./tally.ts";
import { finiteOrInfinite, formatRatio, lostBits } from "./verdicts.ts";

export interface Finding {
  readonly verdict: Verdict;
  readonly role: ParityRecord["role"];
  readonly norm: string;
  /** Who is to blame: implementations, or a reference. */
  readonly subjects: readonly string[];
  /** Case ids; more than one where they fail alike. */
  readonly cases: readonly string[];
  /** What is off, the largest error first. */
  readonly quantities: readonly {
    readonly name: string;
    readonly ratio: number;
    /** Bits lost, of a quantity that loses digits. */
    readonly bits: number;
    /** Upstream gradient with which it is furthest off. */
    readonly upstream?: string;
  }[];
  readonly error: string | null;
  /** The case, or the first of several. */
  readonly example: CaseRecord;
  readonly sites: readonly string[];
  /** The largest error, in budgets. */
  readonly ratio: number;
}

interface Observation {
  readonly check: Check;
  readonly quantity: QuantityRecord;
}

/** Groups all that is not right: what fails first, then the worst verdict and the largest error. */
export function findFindings(checks: readonly Check[]): Finding[] {
  const observations = checks.flatMap((check) =>
    check.record.quantities.filter(({ verdict }) => verdict !== "right")
      .map((quantity) => ({ check, quantity }))
  );
  const rank = ({ role, verdict }: Finding) =>
    role === "custom" && fails(verdict)
      ? VERDICTS.indexOf(verdict) - VERDICTS.length
      : VERDICTS.indexOf(verdict);
  return [...Map.groupBy(observations, findingKey).values()].map(summarize)
    // That a reference is hard to judge is no news of the custom norm.
    .filter(({ role, verdict }) => role === "custom" || verdict !== "not judged")
    .sort((a, b) => rank(a) - rank(b) || compareDescending(a.ratio, b.ratio));
}

/** What is off, in words: `y off by 41 budgets (dx 21)`, or the text of the error. */
export function measurement({ verdict, error, quantities }: Finding): string {
  const [first, ...others] = quantities;
  if (verdict === "not judged") {
    return `${names(quantities)}: the budget is as large as the values`;
  }
  if (verdict === "not returned") return `${names(quantities)}: ${oneLine(error ?? verdict)}`;
  if (error !== null) return oneLine(error);
  const losesDigits = verdict === "loses digits";
  const rest = others.map(({ name, ratio, bits }) =>
    `${name} ${losesDigits ? bits : formatRatio(ratio)}`
  ).join(", ");
  const given = first!.upstream === undefined ? "" : ` with upstream ${first!.upstream}`;
  const most = losesDigits
    ? `${first!.name} loses ${count(first!.bits, "bit")}${given}`
    : `${first!.name} off by ${formatRatio(first!.ratio)} budgets${given}`;
  return rest === "" ? most : `${most} (${rest})`;
}

/** What a case is made of, in a line: shape, options, input. */
export function inputsLine({ shape, options, input, storage, steps, seed }: CaseRecord): string {
  return [
    `shape [${shape.join(", ")}]`,
    formatOptions(options) || "default options",
    `input ${oneLine(input)}`,
    ...(storage === undefined ? [] : [`stored as ${storage}`]),
    count(steps, "step"),
    `seed ${seed}`,
  ].join(" · ");
}

/** With what a custom norm fails, in a line; empty of what does not fail a run. */
export function circumstances({ verdict, role, example, cases, quantities }: Finding): string {
  if (role !== "custom" || !fails(verdict)) return "";
  const ofGradients = quantities.filter(({ upstream }) => upstream !== undefined);
  const upstreams = [...Map.groupBy(ofGradients, ({ upstream }) => upstream)].map(
    ([upstream, quantities]) => `${names(quantities)} with upstream ${upstream}`,
  );
  const of = cases.length > 1 ? `${example.id}: ` : "";
  return [`${of}${inputsLine(example)}`, ...upstreams].join(" · ");
}

function names(quantities: Finding["quantities"]): string {
  return quantities.map(({ name }) => name).join(", ");
}

/** Where a finding was made, of `total` sites in all. */
export function sitesOf({ sites }: Finding, total: number): string {
  return sites.length === total && total > 1 ? "every backend" : sites.join(", ");
}

function ratioOf({ answer }: QuantityRecord): number {
  return answered(answer) ? finiteOrInfinite(answer.ratio) : Infinity;
}

function findingKey({ check: { record }, quantity }: Observation): string {
  const { verdict, answer } = quantity;
  const who = record.role === "custom" ? null : record.contender;
  const what = verdict === "not judged" || verdict === "not returned"
    ? []
    : answered(answer)
    ? ["case", record.case.id]
    : ["error", answer.error];
  return JSON.stringify([verdict, record.norm, record.role, who, ...what]);
}

function summarize(observations: readonly Observation[]): Finding {
  const { check: { record }, quantity } = observations[0]!;
  const quantities = worstByQuantity(observations);
  return {
    verdict: quantity.verdict,
    role: record.role,
    norm: record.norm,
    subjects: unique(observations.map(({ check }) => check.record.contender)),
    cases: unique(observations.map(({ check }) => check.record.case.id)),
    quantities,
    error: answered(quantity.answer) ? null : quantity.answer.error,
    example: record.case,
    sites: unique(observations.map(({ check }) => check.site.label)),
    ratio: quantities[0]!.ratio,
  };
}

function worstByQuantity(observations: readonly Observation[]): Finding["quantities"] {
  return [...Map.groupBy(observations, ({ quantity }) => quantity.name)]
    .map(([name, group]) => {
      const worst = group.reduce((a, b) => ratioOf(b.quantity) > ratioOf(a.quantity) ? b : a);
      const { upstream } = worst.quantity;
      return {
        name,
        ratio: largest(group.map(({ quantity }) => ratioOf(quantity))) ?? 0,
        bits: lostBits(worst.quantity),
        ...(upstream !== undefined && { upstream }),
      };
    })
    .sort((a, b) => compareDescending(a.ratio, b.ratio));
}

/** Orders numbers, the largest first; a plain difference of two infinities would be NaN. */
function compareDescending(a: number, b: number): number {
  return a === b ? 0 : a > b ? -1 : 1;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
