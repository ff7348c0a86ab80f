/**
 * Verdicts in HTML.
 *
 * @module
 */
import { blamesCustom, type Verdict } from "../record.ts";
import { formatVerdict } from "./tables.ts";

/** A verdict in the colour of its gravity. */
export function verdictHtml(verdict: Verdict): string {
  return `<span class="${verdictClass(verdict)}">${formatVerdict(verdict)}</span>`;
}

/** The class of the style sheet that gives a verdict its colour. */
export function verdictClass(verdict: Verdict): string {
  if (blamesCustom(verdict)) return "bad";
  return verdict === "reference wrong" ? "warn" : "quiet";
}
