/**
 * What was found of a user's file, kept beside it and tried first in the next run.
 *
 * An input stays when its mistake is mended, as a test of it; whoever does not want it deletes the line, or
 * the file.
 *
 * @module
 */
import { messageOf, UsageError } from "../../../norms/basics/errors.ts";
import { checkRecord, formatRecord } from "../../run/record.ts";
import { COUNTEREXAMPLE, type Counterexample } from "./record.ts";

/** Lines of the file, the newest last; the oldest are dropped. */
const MOST = 32;

/** Values of the largest input that is kept. */
const MOST_VALUES = 20_000;

/** The file that belongs to a module: `norms.counterexamples.jsonl` beside `norms.ts`. */
export function keptFile(module: string): string {
  return `${module.replace(/\.[cm]?[jt]sx?$/, "")}.counterexamples.jsonl`;
}

/**
 * Reads what is kept; nothing if there is no such file.
 *
 * @throws {UsageError} naming the line that is not a counterexample.
 */
export function readKept(file: string): Counterexample[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    try {
      const record = checkRecord(JSON.parse(line), [COUNTEREXAMPLE]);
      return record.kind === "counterexample" ? [record] : [];
    } catch (cause) {
      throw new UsageError(
        `${file}, line ${i + 1}: it is not a counterexample. Delete the line, or the file.`,
        { cause },
      );
    }
  });
}

/** Adds what is new; the file is left alone where nothing is. */
export function keep(file: string, found: readonly Counterexample[]): void {
  const before = readKept(file);
  const known = new Set(before.map(inputOf));
  const fresh = found.filter((example) =>
    !known.has(inputOf(example)) &&
    Object.values(example.inputs).every(({ values }) => values.length <= MOST_VALUES)
  );
  if (fresh.length === 0) return;
  const lines = [...before, ...fresh].slice(-MOST).map((example) => `${formatRecord(example)}\n`);
  try {
    Deno.writeTextFileSync(file, lines.join(""));
  } catch (error) {
    // The run's records have them, too.
    console.error(`${file} cannot be written, so nothing is kept: ${messageOf(error)}`);
  }
}

/** What makes two of them the same case. */
function inputOf({ norm, shape, options, steps, inputs }: Counterexample): string {
  return JSON.stringify([norm, shape, options, steps, inputs]);
}
