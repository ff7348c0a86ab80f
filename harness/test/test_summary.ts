/**
 * Reads what `deno test` says about a run.
 *
 * From its text, because the JUnit file leaves out errors outside of tests.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";

/** A backend, as `backend_statuses.ts` prints it. */
export interface BackendStatus {
  readonly name: string;
  readonly works: boolean;
  readonly reason?: string;
  readonly remedy?: string;
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** Tests that were left out, by `ignore` or by `--filter`. */
  readonly skipped: number;
}

/**
 * Counts the tests of a run that printed `output` and exited with status `code`.
 *
 * A run that failed although no test did, as after a type error or a crash, counts one failure.
 */
export function testCounts(output: string, code: number): TestCounts {
  const summary = lines(output).findLast((line) => /^(ok|FAILED) \| \d+ passed/.test(line)) ?? "";
  const count = (what: string) => Number(RegExp(`(\\d+) ${what}`).exec(summary)?.[1] ?? 0);
  return {
    passed: count("passed"),
    failed: Math.max(count("failed"), code === 0 ? 0 : 1),
    skipped: count("ignored") + count("filtered out"),
  };
}

/** The counts of several runs together. */
export function addCounts(counts: readonly TestCounts[]): TestCounts {
  const total = (of: keyof TestCounts) => counts.reduce((sum, each) => sum + each[of], 0);
  return { passed: total("passed"), failed: total("failed"), skipped: total("skipped") };
}

/** What the names of ignored tests begin with, up to a colon: a backend, where a test needs one. */
export function ignoredPrefixes(output: string): string[] {
  const prefixes = lines(output).flatMap((line) =>
    /^([\w-]+): .* \.\.\. ignored\b/.exec(line)?.[1] ?? []
  );
  return [...new Set(prefixes)];
}

/** The line that tells of a backend that was not tested; its status may be unknown. */
export function ignoredLine(name: string, status?: BackendStatus): string {
  const why = status === undefined
    ? "reason unknown; run `deno task doctor`"
    : status.works
    ? "it works, but its tests are marked as ignored"
    : `${status.reason}; ${status.remedy}`;
  return `not tested: ${name} (${why})`;
}

/** The line that a test run closes with. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function lines(output: string): string[] {
  return stripVTControlCharacters(output).split("\n");
}
