/**
 * Command line options: each is declared once, which gives its type, its checks and its help text.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { UsageError } from "../../norms/basics/errors.ts";

/** An option of a task. */
export interface Option<T> {
  /** Name of its value in the help; a flag has none. */
  readonly takes?: string;
  /** Description in the help. */
  readonly about: string;
  /** Text of its default in the help. */
  readonly default?: string;
  /**
   * Reads its values; there are none if the option is absent.
   *
   * @throws {UsageError} if one is out of range.
   */
  read(values: readonly string[], name: string): T;
}

/** Options by name: `dataDir` is `--data-dir` on the command line. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** Values of {@linkcode Options}, with defaults. */
export type Given<O extends Options> = {
  readonly [name in keyof O]: O[name] extends Option<infer T> ? T : never;
};

/** An option without a value. */
export function flag(about: string): Option<boolean> {
  return { about, read: (values) => values.length > 0 };
}

/** An option that takes any text. */
export function text(takes: string, about: string, fallback: string): Option<string>;
export function text(takes: string, about: string): Option<string | undefined>;
export function text(takes: string, about: string, fallback?: string): Option<string | undefined> {
  return {
    takes,
    about,
    ...(fallback === undefined ? {} : { default: fallback }),
    read: (values) => values.at(-1) ?? fallback,
  };
}

/** An option whose value `parse` reads; it throws `UsageError` for a bad value. */
export function parsed<T>(
  takes: string,
  about: string,
  parse: (value: string) => T,
): Option<T | undefined> {
  return {
    takes,
    about,
    read: (values) => values.length === 0 ? undefined : parse(values.at(-1)!),
  };
}

/** An option that takes several texts, separated by commas or repeated. */
export function list(takes: string, about: string): Option<string[]> {
  return { takes, about, read: splitCommas };
}

/** An option that takes one of several names. */
export function oneOf<const T extends string>(
  known: readonly T[],
  about: string,
  fallback: T,
): Option<T> {
  return {
    takes: "NAME",
    about: `${about}: ${known.join(", ")}`,
    default: fallback,
    read: (values, name) => choose(known, name, values.at(-1) ?? fallback),
  };
}

/**
 * An option that takes some of several names, in their order.
 *
 * @param groups Names that stand for several; `all` always does. The first is the default, else all are.
 */
export function someOf<const T extends string>(
  known: readonly T[],
  about: string,
  groups: Readonly<Record<string, readonly T[]>> = {},
): Option<T[]> {
  const all: Readonly<Record<string, readonly T[]>> = { ...groups, all: known };
  const fallback = Object.keys(all)[0]!;
  const grouped = Object.entries(groups).map(([group, names]) =>
    `; ${group} stands for ${names.join(", ")}`
  );
  return {
    takes: "NAMES",
    about: `${about}: some of ${known.join(", ")}, separated by commas${grouped.join("")}`,
    default: fallback,
    read: (values, name) => {
      const given = splitCommas(values);
      const chosen = (given.length === 0 ? [fallback] : given)
        .flatMap((value) => all[value] ?? [choose(known, name, value)]);
      return known.filter((each) => chosen.includes(each));
    },
  };
}

/** An option that takes a whole number from `least` to `most`. */
export function wholeNumber(about: string, range: Range & { fallback: number }): Option<number>;
export function wholeNumber(about: string, range: Range): Option<number | undefined>;
export function wholeNumber(
  about: string,
  { least, most = Number.MAX_SAFE_INTEGER, fallback }: Range & { fallback?: number },
): Option<number | undefined> {
  return {
    takes: "N",
    about,
    ...(fallback === undefined ? {} : { default: String(fallback) }),
    read: (values, name) => {
      const given = values.at(-1);
      if (given === undefined) return fallback;
      const value = Number(given);
      if (/^\d+$/.test(given) && value >= least && value <= most) return value;
      const range = most === Number.MAX_SAFE_INTEGER
        ? `${least} or greater`
        : `from ${least} to ${most}`;
      throw new UsageError(`--${name} ${given} is not a whole number ${range}.`);
    },
  };
}

/** The whole numbers that an option takes. */
interface Range {
  readonly least: number;
  readonly most?: number;
}

/** Checks a name; throws `UsageError` for an unknown one. */
function choose<T extends string>(known: readonly T[], option: string, name: string): T {
  const found = known.find((each) => each === name);
  if (found !== undefined) return found;
  throw new UsageError(`--${option} ${name} is unknown. Choose from ${known.join(", ")}.`);
}

function splitCommas(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(",")).map((value) => value.trim()).filter(Boolean);
}

/** Arguments that are not options. */
export interface Operands {
  /** Their name in the help. */
  readonly takes: string;
  /** Their description in the help. */
  readonly about: string;
}

/** The syntax of a command line. */
export interface Syntax<O extends Options> {
  readonly name: string;
  /** The first paragraph of its help. */
  readonly about: string;
  /** Its options, in the order of the help. */
  readonly options: O;
  /** What it takes in addition to options; absent: nothing. */
  readonly operands?: Operands;
  /** The last paragraphs of its help, such as the exit status. */
  readonly notes?: string;
  /** Throws `UsageError` if options contradict each other. */
  readonly check?: (options: Given<O>) => void;
}

/** Result of {@linkcode readCommandLine}. */
export interface CommandLine<O extends Options> {
  readonly options: Given<O>;
  readonly operands: readonly string[];
}

/**
 * Reads a command line; undefined if it asks for help.
 *
 * @throws {UsageError} for an unknown argument, a value that is missing, empty or out of range.
 */
export function readCommandLine<O extends Options>(
  { name: task, options, operands: expected, check }: Syntax<O>,
  args: readonly string[],
): CommandLine<O> | undefined {
  const declared = new Map(Object.entries(options).map(([key, option]) => [spelled(key), option]));
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(
        [...declared].map(([name, { takes }]) => [
          name,
          { type: takes === undefined ? "boolean" : "string" } as const,
        ]),
      ),
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (expected === undefined) throw unknown(token.value, task);
      operands.push(token.value);
    } else if (token.kind === "option") {
      if (token.name === "help") return undefined;
      const option = declared.get(token.name);
      if (option === undefined) throw unknown(token.rawName, task);
      const value = valueOf(token, option);
      values.set(token.name, [...values.get(token.name) ?? [], value]);
    }
  }
  const read = Object.entries(options).map(([key, option]) => {
    const name = spelled(key);
    return [key, option.read(values.get(name) ?? [], name)];
  });
  const given = Object.fromEntries(read) as Given<O>;
  check?.(given);
  return { options: given, operands };
}

/** The text after an option; empty for a flag. */
function valueOf(
  { name, value }: { readonly name: string; readonly value?: string | undefined },
  { takes }: Option<unknown>,
): string {
  if (takes === undefined) {
    if (value === undefined) return "";
    throw new UsageError(`--${name} takes no value. See --help.`);
  }
  // A value that begins with a dash is the next option, unless it is joined with "=".
  if (value !== undefined && value !== "" && !/^--?[a-z]/.test(value)) return value;
  throw new UsageError(`--${name} needs a value. See --help.`);
}

function unknown(argument: string, task: string): UsageError {
  return new UsageError(`${argument} is not an option of the ${task} task. See --help.`);
}

/** `data-dir` for `dataDir`. */
function spelled(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Columns of the help text. */
const WIDTH = 80;

/** The text that `--help` prints. */
export function helpOf<O extends Options>(
  { name, about, options, operands, notes }: Syntax<O>,
  command = "deno task",
): string {
  const rows = Object.entries(options).map(([key, option]): [string, string] => [
    [`--${spelled(key)}`, option.takes].filter(Boolean).join(" "),
    option.about + (option.default === undefined ? "" : ` (default: ${option.default})`),
  ]);
  if (operands !== undefined) rows.unshift([operands.takes, operands.about]);
  rows.push(["--help", "print this text"]);
  const column = Math.max(...rows.map(([left]) => left.length)) + 4;
  const usage = [`Usage: ${command}`, name, operands?.takes, "[options]"].filter(Boolean).join(" ");
  const table = rows.map(([left, right]) =>
    wrap(right, WIDTH - column).map((line, i) => (i === 0 ? `  ${left}` : "").padEnd(column) + line)
      .join("\n")
  );
  return [about, usage, table.join("\n"), ...(notes === undefined ? [] : [notes])]
    .map((part) => part.split("\n").flatMap((line) => wrap(line, WIDTH)).join("\n"))
    .join("\n\n");
}

/** Breaks a line between words; a line that fits keeps its indentation. */
function wrap(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current];
}
