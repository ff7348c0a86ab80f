/**
 * The sentences that explain a report, the same in Markdown and in HTML.
 *
 * @module
 */
import type { Verdict } from "../record.ts";

/** What a parity report measures, a paragraph each. */
export const HOW_TO_READ: readonly string[] = [
  "Every case sends the same input through a custom norm and through a reference, and holds both " +
  "against a float64 oracle: outputs, gradients and running statistics.",
  "An error is given as a multiple of its budget: the error that correct float32 arithmetic may make " +
  "in this case, derived from the operations, the number of elements behind each statistic and the " +
  "condition number of the input. Up to 1 is within the budget; ∞ stands for a NaN, for an infinity " +
  "where a number was due, and for any error where none is allowed. The file docs/numerics.md of " +
  "Normbench derives the budget.",
];

/** What each verdict means. */
export const VERDICT_MEANINGS: Readonly<Record<Verdict, string>> = {
  "custom wrong": "the custom norm is outside its budget; the reference is not, or could not run",
  "both off": "the custom norm and the reference are both outside",
  "reference wrong": "the reference is outside its budget; the custom norm is within it",
  "reference cannot":
    "the reference threw an error, or does not exist; the custom norm is within its budget",
  "agree": "both are within their budgets",
};
