/**
 * How verdicts and errors in budgets are written.
 *
 * @module
 */
import { formatNumber } from "../../../reports/format.ts";
import { blamesCustom, type Verdict } from "../record.ts";

/** The sign of each verdict: shapes, so that they differ without colour. */
export const VERDICT_MARKS: Readonly<Record<Verdict, string>> = {
  "custom wrong": "✗",
  "both off": "⊗",
  "reference wrong": "△",
  "reference cannot": "○",
  "agree": "✓",
};

export const VERDICT_MEANINGS: Readonly<Record<Verdict, string>> = {
  "custom wrong": "the custom norm is outside its budget; the reference is not, or could not run",
  "both off": "the custom norm and the reference are both outside",
  "reference wrong": "the reference is outside its budget; the custom norm is within it",
  "reference cannot":
    "the reference threw an error, or does not exist; the custom norm is within its budget",
  "agree": "both are within their budgets",
};

export function formatVerdict(verdict: Verdict): string {
  return `${VERDICT_MARKS[verdict]} ${verdict}`;
}

/** A verdict in HTML, coloured by how bad it is. */
export function verdictHtml(verdict: Verdict): string {
  return `<span class="${verdictClass(verdict)}">${formatVerdict(verdict)}</span>`;
}

export function verdictClass(verdict: Verdict): string {
  if (blamesCustom(verdict)) return "bad";
  return verdict === "reference wrong" ? "warn" : "quiet";
}

export function formatRatio(ratio: number): string {
  return formatNumber(finiteOrInfinite(ratio), 2);
}

/** NaN as infinity: it is within no budget. */
export function finiteOrInfinite(ratio: number): number {
  return Number.isNaN(ratio) ? Infinity : ratio;
}
