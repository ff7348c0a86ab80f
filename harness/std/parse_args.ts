/**
 * `parseArgs` of `@std/cli/parse-args`, for machines that cannot reach JSR.
 *
 * It covers what Normbench's command lines use: long options and one-letter ones, `string`, `boolean`,
 * `collect`, `default`, `alias`, `negatable`, `unknown` and `--`. `adapter.json` puts this module in
 * the place of the package; `contract_test.ts` holds both to the same behaviour.
 *
 * @module
 */

type Names<T extends string> = T | readonly T[];

/** How the arguments are to be read. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends Record<string, unknown> = Record<string, unknown>,
  A extends Record<string, string | readonly string[]> = Record<string, string | readonly string[]>,
  M extends boolean = boolean,
> {
  /** Options without a value; false unless given. */
  boolean?: Names<B>;
  /** Options whose value stays a string. */
  string?: Names<S>;
  /** Options that may be repeated; all values are kept, in order. */
  collect?: Names<C>;
  /** Options that `--no-` before the name sets to false. */
  negatable?: Names<N>;
  /** Values of options that are not given. */
  default?: D;
  /** Other names of an option. */
  alias?: A;
  /** Whether what follows `--` is kept apart. */
  "--"?: M;
  /** Called for each argument that is not declared; false drops it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What each declared option was given, without defaults. */
type Given<B extends string, S extends string, C extends string, N extends string> =
  & { [K in B]: boolean }
  & { [K in Exclude<S, C>]?: K extends N ? string | false : string }
  & { [K in Extract<S, C>]: string[] };

/** Fills in the defaults. */
type WithDefaults<T, D> =
  & Omit<T, keyof D>
  & { [K in keyof D]: D[K] | (K extends keyof T ? NonNullable<T[K]> : never) };

/** All options that were given, under all their names, and the arguments that are not options. */
export type Args<
  B extends string,
  S extends string,
  C extends string,
  N extends string,
  D,
  M extends boolean,
> =
  & Record<string, unknown>
  & WithDefaults<Given<B, S, C, N>, D>
  & { _: (string | number)[] }
  & (M extends true ? { "--": string[] } : unknown);

type Value = string | boolean;

const NUMBER = /^(0x[0-9a-f]+|[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?)$/i;

function asNumber(text: string): string | number {
  return NUMBER.test(text) ? Number(text) : text;
}

/** Splits an option into dashes, name and value; `undefined` for everything else. */
function splitOption(arg: string): { long: boolean; name: string; value?: string } | undefined {
  const match = /^(--?)([^=-][^=]*)(?:=(.+))?$/s.exec(arg);
  if (!match) return undefined;
  const [, dashes, name = "", value] = match;
  return { long: dashes === "--", name, ...(value !== undefined && { value }) };
}

/** Every name of each option that has several. */
function aliasGroups(
  alias: Record<string, string | readonly string[]>,
): Map<string, readonly string[]> {
  const groups = Object.entries(alias).map(([name, others]) => [name, ...[others].flat()]);
  return new Map(groups.flatMap((group) => group.map((name) => [name, group])));
}

/** Reads the arguments of one command line. */
class ArgumentReader {
  readonly #options: ParseOptions;
  readonly #groups: Map<string, readonly string[]>;
  readonly #values: Record<string, unknown> = {};

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#groups = aliasGroups(options.alias ?? {});
  }

  read(args: readonly string[]): Record<string, unknown> {
    const end = args.includes("--") ? args.indexOf("--") : args.length;
    const rest = args.slice(end + 1);
    const positional = this.#readOptions(args.slice(0, end));
    this.#fillDefaults();
    return this.#options["--"]
      ? { ...this.#values, _: positional, "--": rest }
      : { ...this.#values, _: [...positional, ...rest] };
  }

  /** Reads all options, and returns the arguments that are none. */
  #readOptions(args: readonly string[]): (string | number)[] {
    const positional: (string | number)[] = [];
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] ?? "";
      const option = splitOption(arg);
      if (!option) {
        if (this.#options.unknown?.(arg) === false) continue;
        positional.push(asNumber(arg));
        continue;
      }
      const { long, name } = option;
      if (long && name.startsWith("no-") && this.#is("negatable", name.slice(3))) {
        this.#set(name.slice(3), false, arg);
        continue;
      }
      const following = option.value === undefined ? this.#following(name, args[i + 1]) : undefined;
      if (following !== undefined) i++;
      this.#set(name, this.#value(name, option.value ?? following), arg);
    }
    return positional;
  }

  /** The next argument, where it is the value of option `name`. */
  #following(name: string, next: string | undefined): string | undefined {
    if (!next) return undefined;
    if (this.#is("boolean", name)) return /^(true|false)$/.test(next) ? next : undefined;
    return next.startsWith("-") ? undefined : next;
  }

  #value(name: string, text: string | undefined): Value {
    if (this.#is("boolean", name)) return text !== "false";
    return text ?? (this.#is("string", name) ? "" : true);
  }

  #set(name: string, value: Value, arg: string): void {
    const declared = this.#groups.has(name) || this.#is("boolean", name) ||
      this.#is("string", name);
    if (!declared && this.#options.unknown?.(arg, name, value) === false) return;
    const isText = typeof value === "string" && this.#is("string", name);
    const final = typeof value === "boolean" || isText ? value : asNumber(value);
    // A negation says that there is no value at all, so it is not one more of a collection.
    const collected = this.#is("collect", name) && value !== false;
    const before = this.#values[name];
    const kept = collected ? [...(Array.isArray(before) ? before : []), final] : final;
    this.#assign(name, kept);
  }

  #fillDefaults(): void {
    for (const [name, value] of Object.entries(this.#options.default ?? {})) {
      if (!Object.hasOwn(this.#values, name)) this.#assign(name, value);
    }
    for (const name of this.#declared("boolean")) {
      if (!Object.hasOwn(this.#values, name)) {
        this.#assign(name, this.#is("collect", name) ? [] : false);
      }
    }
    for (const name of this.#declared("string").filter((name) => this.#is("collect", name))) {
      if (!Object.hasOwn(this.#values, name)) this.#assign(name, []);
    }
  }

  #assign(name: string, value: unknown): void {
    for (const each of this.#namesOf(name)) this.#values[each] = value;
  }

  #namesOf(name: string): readonly string[] {
    return this.#groups.get(name) ?? [name];
  }

  #declared(kind: "boolean" | "string" | "collect" | "negatable"): readonly string[] {
    return [this.#options[kind] ?? []].flat();
  }

  /** Whether an option was declared to be of a kind, under any of its names. */
  #is(kind: "boolean" | "string" | "collect" | "negatable", name: string): boolean {
    const declared = this.#declared(kind);
    return this.#namesOf(name).some((each) => declared.includes(each));
  }
}

/** Reads command line arguments into an object with a property for each option. */
export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  const N extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
  const A extends Record<string, string | readonly string[]> = Record<never, never>,
  const M extends boolean = false,
>(args: string[], options: ParseOptions<B, S, C, N, D, A, M> = {}): Args<B, S, C, N, D, M> {
  return new ArgumentReader(options).read(args) as Args<B, S, C, N, D, M>;
}
