/**
 * Reads what `deno test` says about a run.
 *
 * Its text is read and not its JUnit file, because that leaves out errors outside of any test.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";

/** How many tests ended in which way. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** Tests that were left out, by `ignore` or by `--filter`. */
  readonly skipped: number;
}

/** The counts that `output` ends with; `undefined` where no tests ran, as after a type error. */
export function testCounts(output: string): TestCounts | undefined {
  const summary = stripVTControlCharacters(output)
    .split("\n")
    .findLast((line) => /^(ok|FAILED) \| \d+ passed/.test(line));
  if (summary === undefined) return undefined;
  const count = (what: string) => Number(RegExp(`(\\d+) ${what}`).exec(summary)?.[1] ?? 0);
  return {
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("ignored") + count("filtered out"),
  };
}

/** The line that a test run closes with. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
