/**
 * {@linkcode parity}: is a custom norm right?
 *
 * @module
 */
import type { Distribution } from "../../fixtures/distribution.ts";
import type { ParityCase } from "../../fixtures/parity_case.ts";
import { parityCases, type Preset } from "../../fixtures/parity_cases.ts";
import { STANDARD } from "../../fixtures/cases/row.ts";
import { isStorageType, STORAGE_TYPES, type StorageType } from "../../norms/oracle/storage.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import { type NormOptions, usesBatchStatistics } from "../../norms/basics/options.ts";
import { normByName, type OptionsOf } from "../../norms/registry.ts";
import { type Shape, size } from "../../norms/basics/shape.ts";
import { textOf } from "../run/report.ts";
import { PARITY_REPORT } from "./report/document.ts";
import { selectBackends } from "../backend/active_backend.ts";
import { exclusively } from "../backend/exclusive.ts";
import { fails, type ParityRunRecord, type Verdict, worstVerdict } from "./record.ts";
import { runHeader } from "../run/environment.ts";
import { type BackendName, referencesOn } from "../backend/registry.ts";
import { type CustomLayer, type CustomNorm, subjectOf } from "./custom_norm.ts";
import { runCase } from "./run_case.ts";

export type { CustomLayer, CustomNorm };

/** What a custom norm is compared with, and on which cases. */
export interface ParityOptions<O = NormOptions, Name extends string = string> {
  /** The norm that it implements: a name of the registry (`batch`, `layer` …), or a record. */
  readonly norm: Name | Operation;
  /** Its name in records; default `custom`. */
  readonly name?: string;
  /** Shape of `x`. Left out, the norm's own cases are run. */
  readonly shape?: Shape;
  /** The norm's options, such as `axis` and `epsilon`; only with `shape`. */
  readonly options?: O;
  /** Distribution of `x`; only with `shape`. Default: normal, mean 0.5, standard deviation 2. */
  readonly input?: Distribution;
  /** Training steps over which running statistics are followed; only with `shape`. Default 1. */
  readonly steps?: number;
  /**
   * The type in which the norm stores what it returns; only with `shape`. Inputs are rounded to it, and an
   * answer may be off by half a unit in its last place more. Default: float32.
   */
  readonly storage?: StorageType;
  /** How many of the norm's own cases are run if no shape is given; default `quick`. */
  readonly preset?: Preset;
  /**
   * The quantities that are judged, such as `["y", "dx"]`; default all. A batch norm that returns `y`
   * alone is `not returned` for its running statistics unless they are left out here.
   */
  readonly quantities?: readonly string[];
  /** Shapes in which the function takes its parameters, by name, where they differ from the norm's. */
  readonly parameterShapes?: Readonly<Record<string, Shape>>;
  /** `auto` (default), `all`, or names of backends. */
  readonly backend?: string;
  /** Seed of every random input; default 0. */
  readonly seed?: number;
}

/** The result of {@linkcode parity}. */
export interface ParityResult {
  /** Whether it ran everywhere, returned what it should, and is nowhere `wrong`. */
  readonly isRight: boolean;
  /** The custom norm's worst verdict. */
  readonly verdict: Verdict;
  /** Its largest error, in units of the careful budget; it may exceed 1 by what `loses digits` allows. */
  readonly ratio: number;
  /** The records, a header first. */
  readonly records: readonly ParityRunRecord[];
  /** Table, findings and verdict for the terminal. */
  readonly summary: string;
}

/**
 * Compares a custom norm with a float64 oracle and `tf.layers`, forward and gradient.
 *
 * Concurrent calls, also of {@linkcode train} and {@linkcode gradcheck}, run one after the other.
 *
 * @param custom A function of tensors, or a layer.
 * @throws {Error} if the norm makes another backend the active one.
 * @throws {RangeError} if the norm does not exist or has no such quantity, the options do not fit the
 *   shape, or an input is not finite.
 * @throws {TypeError} if there is no such option of `parity`, or the norm returns a promise, or anything
 *   else that is not tensors.
 * @throws {UsageError} if a backend's name is unknown.
 * @throws {MissingError} if a backend that is named does not work here.
 *
 * @example A layer norm from basic operations.
 * ```ts
 * import { moments } from "npm:@tensorflow/tfjs@4.22.0";
 * import { parity } from "../../mod.ts";
 *
 * const result = await parity(({ x, gamma, beta }, { epsilon }) => {
 *   const { mean, variance } = moments(x, -1, true);
 *   return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
 * }, { norm: "layer", shape: [32, 64], options: { axis: -1, epsilon: 1e-3 }, backend: "cpu" });
 * console.log(result.summary);
 * ```
 */
export function parity<Name extends string = string, O extends object = OptionsOf<Name>>(
  custom: CustomNorm<O & OptionsOf<Name>, Name> | CustomLayer<O & OptionsOf<Name>>,
  options: ParityOptions<O, Name>,
): Promise<ParityResult> {
  return exclusively(() => run(custom as CustomNorm<O> | CustomLayer<O>, options));
}

async function run<O extends object>(
  custom: CustomNorm<O> | CustomLayer<O>,
  options: ParityOptions<O>,
): Promise<ParityResult> {
  checkOptions(options);
  const { name = "custom", backend = "auto", seed = 0 } = options;
  const norm = typeof options.norm === "string" ? normByName(options.norm) : options.norm;
  checkNormOptions(norm, options.options ?? {});
  const subjects = { [name]: subjectOf(custom, options.parameterShapes ?? {}) };
  const statuses = await selectBackends(backend);
  const backends = statuses.map((status) => status.name);
  const { preset = "quick", shape } = options;
  const header = await runHeader("parity", statuses, {
    norms: [norm.name],
    seed,
    ...(shape === undefined ? { preset } : {}),
  });
  const records: ParityRunRecord[] = [header];
  for (const parityCase of casesOf(norm, options)) {
    const plan = {
      norm,
      parityCase,
      subjects,
      references: norm.references,
      backendReferences: (backend: BackendName) => referencesOn(backend, norm),
      ...(options.quantities && { quantities: options.quantities }),
    };
    records.push(...await runCase(plan, backends, seed));
  }
  const checks = records.filter((record) => record.kind === "parity")
    .filter(({ role }) => role === "custom");
  const verdict = worstVerdict(checks.map((record) => record.verdict));
  return {
    isRight: !fails(verdict),
    verdict,
    ratio: checks.reduce((most, record) => Math.max(most, record.ratio), 0),
    records,
    summary: textOf(PARITY_REPORT, records) +
      (fails(verdict) && isPrediction(norm, options) ? PREDICTION_HINT : ""),
  };
}

/** What whoever forgot to ask for training should know. */
const PREDICTION_HINT =
  "This was checked as a prediction, with the running statistics that it is " +
  "given: to check training, give options: { training: true }.\n";

function isPrediction(norm: Operation, { shape, options = {} }: ParityOptions<object>): boolean {
  return shape !== undefined && !usesBatchStatistics(options) &&
    norm.inputs(shape, options).some(({ role }) => role === "state");
}

const KNOWN: readonly (keyof ParityOptions)[] = [
  ...["norm", "name", "shape", "options", "input", "steps", "storage", "preset"] as const,
  ...["quantities", "parameterShapes", "backend", "seed"] as const,
];

/** Elements of the largest input: the oracle holds a few arrays of float64 for each. */
const MOST_ELEMENTS = 2 ** 26;

/** Refuses what a type checker would refuse, since programs run without one. */
function checkOptions(given: { readonly [name in keyof ParityOptions]?: unknown } & object): void {
  if (typeof given !== "object" || given === null) {
    throw new TypeError('parity() takes the norm and what it is, as in { norm: "layer" }');
  }
  const { norm, shape, options, input, steps, storage, preset, quantities, seed, ...others } =
    given;
  const unknown = Object.keys(others).find((name) => !(KNOWN as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`parity() has no option "${unknown}": it takes ${KNOWN.join(", ")}`);
  }
  if (norm === undefined) throw new TypeError('give the norm that it is, as in { norm: "layer" }');
  const withShape = { options, input, steps, storage };
  const useless = Object.entries(withShape).find(([, value]) => value !== undefined)?.[0];
  if (shape === undefined && useless !== undefined) {
    throw new TypeError(`${useless} belongs to a shape: give shape too, or leave ${useless} out`);
  }
  const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (shape !== undefined && !(Array.isArray(shape) && shape.every(isWhole))) {
    throw new RangeError(`shape ${JSON.stringify(shape)} is not a list of lengths: try [32, 64]`);
  }
  if (shape !== undefined && size(shape as Shape) > MOST_ELEMENTS) {
    throw new RangeError(
      `shape ${JSON.stringify(shape)} has more than ${MOST_ELEMENTS} elements, which the oracle ` +
        "cannot hold: try a smaller one",
    );
  }
  if (steps !== undefined && !(isWhole(steps) && steps !== 0)) {
    throw new RangeError(`steps ${steps} is not a positive whole number`);
  }
  if (seed !== undefined && !isWhole(seed)) {
    throw new RangeError(`seed ${seed} is not a whole number 0 or greater`);
  }
  if (storage !== undefined && !(typeof storage === "string" && isStorageType(storage))) {
    throw new RangeError(`there is no storage "${storage}": choose ${STORAGE_TYPES.join(" or ")}`);
  }
  if (quantities !== undefined && !(Array.isArray(quantities) && quantities.length > 0)) {
    throw new TypeError('quantities is not a list of names: try ["y", "dx"]');
  }
  if (preset !== undefined && preset !== "quick" && preset !== "full") {
    throw new RangeError(`there is no preset "${preset}": choose quick or full`);
  }
}

/** Refuses options that the norm does not have, which would change nothing; an operation may take any. */
function checkNormOptions(norm: Operation, options: object): void {
  if (!("defaults" in norm)) return;
  const known = Object.keys(norm.defaults as object);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${norm.name} norm has no option "${unknown}": it takes ${known.join(", ")}`);
}

function casesOf<O extends object>(
  norm: Operation,
  { shape, options, input = STANDARD, steps = 1, storage, preset = "quick" }: ParityOptions<O>,
): ParityCase[] {
  if (shape === undefined) return parityCases(norm.name, preset);
  return [{
    id: `${norm.name}/custom-${shape.join("x")}`,
    about: "a case of the user",
    shape,
    options: { ...options },
    input,
    steps,
    ...(storage && { storage }),
  }];
}
