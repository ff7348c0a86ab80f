/**
 * Who is wrong.
 *
 * @module
 */
import type { Failure } from "../run/record.ts";
import { type Figures, hasFigures, type Verdict, VERDICTS } from "./record.ts";

function withinBudget(answer: Figures | Failure): boolean {
  return hasFigures(answer) && answer.ratio <= 1;
}

/** The verdict on one quantity. */
export function judge(custom: Figures | Failure, reference: Figures | Failure): Verdict {
  if (withinBudget(custom)) {
    if (!hasFigures(reference)) return "reference cannot";
    return withinBudget(reference) ? "agree" : "reference wrong";
  }
  const referenceIsOff = hasFigures(reference) && !withinBudget(reference);
  const neitherCan = !hasFigures(custom) && !hasFigures(reference);
  return referenceIsOff || neitherCan ? "both off" : "custom wrong";
}

/** The gravest of several verdicts. */
export function gravest(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? "agree";
}
