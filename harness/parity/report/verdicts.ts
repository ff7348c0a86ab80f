/**
 * How verdicts and errors in budgets are written.
 *
 * @module
 */
import { formatNumber } from "../../../reports/format.ts";
import { answered, fails, type QuantityRecord, type Verdict } from "../record.ts";

/** The sign of each verdict: shapes, so that they differ without colour. */
export const VERDICT_MARKS: Readonly<Record<Verdict, string>> = {
  "wrong": "✗",
  "cannot run": "○",
  "not returned": "∅",
  "out of range": "∞",
  "loses digits": "△",
  "not judged": "?",
  "right": "✓",
};

export const VERDICT_MEANINGS: Readonly<Record<Verdict, string>> = {
  "wrong": "further off than any order of operations in float32 explains",
  "cannot run": "it threw an error, or its answer has another shape or dtype",
  "not returned": "it returned no such output, so nothing could be compared",
  "out of range": "off, where an intermediate of the plain formula leaves the range of float32",
  "loses digits": "further off than careful float32 arithmetic, but no further than some " +
    "legitimate order of operations; how many bits are lost is said",
  "not judged": "nothing was found, but the budget is as large as the values, so a fault may hide",
  "right": "within the error that careful float32 arithmetic makes",
};

export function formatVerdict(verdict: Verdict): string {
  return `${VERDICT_MARKS[verdict]} ${verdict}`;
}

/** A verdict in HTML, coloured by how bad it is. */
export function verdictHtml(verdict: Verdict): string {
  return `<span class="${verdictClass(verdict)}">${formatVerdict(verdict)}</span>`;
}

export function verdictClass(verdict: Verdict): string {
  if (fails(verdict)) return "bad";
  return verdict === "loses digits" || verdict === "out of range" ? "warn" : "quiet";
}

export function formatRatio(ratio: number): string {
  return formatNumber(finiteOrInfinite(ratio), 2);
}

/** NaN as infinity: it is within no budget. */
export function finiteOrInfinite(ratio: number): number {
  return Number.isNaN(ratio) ? Infinity : ratio;
}

/** Bits by which an error exceeds the careful budget: log2 of their ratio, rounded up. */
export function lostBits({ answer }: QuantityRecord): number {
  if (!answered(answer)) return 0;
  return Math.max(0, Math.ceil(Math.log2(finiteOrInfinite(answer.ratio))));
}
