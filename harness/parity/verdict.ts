/**
 * Verdicts: what an answer is, compared with the float64 oracle.
 *
 * @module
 */

/** Every verdict, the worst first. */
export const VERDICTS = [
  "wrong",
  "cannot run",
  "not returned",
  "out of range",
  "loses digits",
  "not judged",
  "right",
] as const;

/**
 * What a norm's answer is, compared with the float64 oracle.
 *
 * | verdict | meaning |
 * |---|---|
 * | `wrong` | further off than any order of operations in float32 explains |
 * | `cannot run` | it threw an error, or its answer has another shape or dtype |
 * | `not returned` | it returned no such output, as a batch norm that returns `y` alone |
 * | `out of range` | off, where an intermediate of the plain formula leaves the range of float32 |
 * | `loses digits` | further off than careful float32, but some legitimate order of operations is as far off |
 * | `not judged` | nothing was found, but the budget is as large as the value of most elements |
 * | `right` | within what careful float32 makes |
 */
export type Verdict = typeof VERDICTS[number];

/** The verdicts that fail a run, where a custom norm has them. */
const FAILING: readonly Verdict[] = ["wrong", "cannot run", "not returned"];

/** Whether a custom norm with this verdict fails the run. */
export function fails(verdict: Verdict): boolean {
  return FAILING.includes(verdict);
}

/** The worst of several verdicts. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? "right";
}
