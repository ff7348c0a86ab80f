/**
 * What the command lines of all runs have in common.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../../norms/basics/errors.ts";

/** The options of a task, beside `--out`, `--resume`, `--json` and `--help`, which every run has. */
export interface Declaration<V extends string, L extends string, F extends string> {
  /** As error messages call it: `parity`. */
  readonly task: string;
  /** Options that take a value. */
  readonly values: readonly V[];
  /** Options that take several, with commas or repeated. */
  readonly lists: readonly L[];
  /** Options that are there or not. */
  readonly flags?: readonly F[];
}

/** What was given: a text, texts, whether. */
export type Arguments<V extends string, L extends string, F extends string> =
  & { readonly [name in V | "out"]: string | undefined }
  & { readonly [name in L]: readonly string[] }
  & { readonly [name in F | "resume" | "json"]: boolean };

/**
 * Reads the command line of a run; undefined if help was asked for.
 *
 * @throws {UsageError} for an argument that is not declared, a value that is empty, and `--resume`
 *   without `--out`.
 */
export function readArguments<V extends string, L extends string, F extends string = never>(
  args: string[],
  { task, values, lists, flags = [] }: Declaration<V, L, F>,
): Arguments<V, L, F> | undefined {
  const valued: readonly string[] = [...values, ...lists, "out"];
  const given: Record<string, unknown> = parseArgs(args, {
    boolean: ["help", "json", "resume", ...flags],
    string: [...valued],
    collect: [...lists],
    alias: { help: "h" },
    unknown: (argument) => {
      // An empty value is reported below, with the option that it belongs to.
      if (argument === "") return;
      throw new UsageError(`${argument} is not an option of the ${task} task. See --help.`);
    },
  });
  if (given["help"] === true) return undefined;
  const empty = valued.find((name) => [given[name]].flat().includes(""));
  if (empty !== undefined) throw new UsageError(`--${empty} needs a value. See --help.`);
  if (given["resume"] === true && given["out"] === undefined) {
    throw new UsageError("--resume needs --out DIR, the folder of the run to go on with.");
  }
  const split = lists.map((name) => [name, splitCommas(given[name] as string[])]);
  return { ...given, ...Object.fromEntries(split) } as Arguments<V, L, F>;
}

function splitCommas(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).map((value) => value.trim()).filter(Boolean);
}

/** One of several names; throws `UsageError` for another, which says what kind of thing it is. */
export function oneOf<T extends string>(known: readonly T[], what: string, name: string): T {
  const found = known.find((each) => each === name);
  if (found !== undefined) return found;
  throw new UsageError(`There is no ${what} "${name}". Choose among ${known.join(", ")}.`);
}

/** Those that were named, in the order of `known`; all where none was. Throws as {@linkcode oneOf}. */
export function someOf<T extends string>(
  known: readonly T[],
  what: string,
  names: readonly string[],
): T[] {
  names.forEach((name) => oneOf(known, what, name));
  return known.filter((each) => names.length === 0 || names.includes(each));
}

/**
 * A whole number from `least` to `most`.
 *
 * @throws {UsageError} for any other text.
 */
export function wholeNumber(name: string, text: string, least: number, most = Infinity): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Infinity ? `from ${least} up` : `from ${least} to ${most}`;
  throw new UsageError(`--${name} ${text} is not a whole number ${range}.`);
}
