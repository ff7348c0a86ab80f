/**
 * {@linkcode parity}: is a custom norm right?
 *
 * @module
 */
import { operationCases, type Preset } from "../../fixtures/parity_cases.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import { type NormOptions, usesBatchStatistics } from "../../norms/basics/options.ts";
import type { OptionsOf } from "../../norms/registry.ts";
import { textOf } from "../run/report.ts";
import { PARITY_REPORT } from "./report/document.ts";
import { selectBackends } from "../backend/active_backend.ts";
import { exclusively } from "../backend/exclusive.ts";
import {
  type Counterexample,
  fails,
  type ParityRecord,
  type ParityRunRecord,
  type Verdict,
  worstVerdict,
} from "./record.ts";
import { runHeader } from "../run/environment.ts";
import { type CustomLayer, type CustomNorm, subjectOf } from "./custom_norm.ts";
import {
  checkCustomOptions,
  customOf,
  type CustomOptions,
  customPlans,
  isWhole,
} from "./custom_plan.ts";
import { findCounterexamples } from "./counterexample/find.ts";
import { findSteps } from "./find_steps.ts";
import { runCase } from "./run_case.ts";

export type { CustomLayer, CustomNorm, CustomOptions };

/** What a custom norm is compared with, and on which cases. */
export interface ParityOptions<O = NormOptions, Name extends string = string>
  extends CustomOptions<O, Name> {
  /** Its name in records; default `custom`. */
  readonly name?: string;
  /** How many of the norm's own cases are run if no shape is given; default `quick`. */
  readonly preset?: Preset;
  /** `auto` (default), `all`, or names of backends. */
  readonly backend?: string;
  /** Seed of every random input; default 0. */
  readonly seed?: number;
  /**
   * Cases that are drawn beside those of the norm: shapes, options and data; with `shape`, data alone. They
   * follow from the seed. Default 0.
   */
  readonly generate?: number;
  /** Counterexamples of an earlier call, which are tried first. */
  readonly kept?: readonly Counterexample[];
  /** Whether the smallest input is looked for on which it fails, which takes seconds; default true. */
  readonly shrink?: boolean;
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
  /** The smallest inputs on which it fails: at most one for every verdict. */
  readonly counterexamples: readonly Counterexample[];
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
  const { name = "custom", backend = "auto", preset = "quick", seed = 0, shape } = options;
  const { generate = 0, kept = [] } = options;
  const subject = subjectOf(custom, options.parameterShapes ?? {});
  const given = customOf(name, subject, options, "custom");
  const { norm } = given;
  const statuses = await selectBackends(backend);
  const backends = statuses.map((status) => status.name);
  const header = await runHeader("parity", statuses, {
    norms: [norm.name],
    seed,
    ...(shape === undefined ? { preset } : {}),
    ...(generate > 0 && { generate }),
  });
  const records: ParityRunRecord[] = [header];
  const casesOf = () => operationCases(norm, preset).map((parityCase) => ({ parityCase }));
  const plans = customPlans([given], casesOf, { generate, seed, kept });
  for (const plan of plans) records.push(...await runCase(plan, backends, seed));
  const checks = records.filter((record) => record.kind === "parity")
    .filter(({ role }) => role === "custom");
  const counterexamples = options.shrink === false
    ? []
    : await Array.fromAsync(findCounterexamples(plans, checks));
  records.push(...counterexamples, ...await Array.fromAsync(findSteps(plans, checks)));
  const verdict = worstVerdict(checks.map((record) => record.verdict));
  return {
    isRight: !fails(verdict),
    verdict,
    ratio: checks.reduce((most, record) => Math.max(most, record.ratio), 0),
    records,
    counterexamples,
    summary: textOf(PARITY_REPORT, records) +
      (fails(verdict) && isPrediction(norm, options) ? predictionHint(norm, options, checks) : ""),
  };
}

/** What whoever forgot to ask for training should know, or who updates states without being asked to. */
function predictionHint(
  norm: Operation,
  { shape, options = {} }: ParityOptions<object>,
  checks: readonly ParityRecord[],
): string {
  const states = norm.inputs(shape!, options).filter(({ role }) => role === "state");
  const changed = states.map(({ name }) => name).filter((name) =>
    checks.some(({ quantities }) =>
      quantities.some((quantity) => quantity.name === name && quantity.verdict === "wrong")
    )
  );
  const returned = changed.length === 0
    ? ""
    : `It returned another ${
      changed.join(" and ")
    } than it was given, which a prediction leaves as it is, and need not return.\n`;
  return "This was checked as a prediction, with the running statistics that it is given: to check " +
    `training, give options: { training: true }.\n${returned}`;
}

function isPrediction(norm: Operation, { shape, options = {} }: ParityOptions<object>): boolean {
  return shape !== undefined && !usesBatchStatistics(options) &&
    norm.inputs(shape, options).some(({ role }) => role === "state");
}

/** Refuses what a type checker would refuse, since programs run without one. */
function checkOptions(given: { readonly [name in keyof ParityOptions]?: unknown } & object): void {
  if (typeof given !== "object" || given === null) {
    throw new TypeError('parity() takes the norm and what it is, as in { norm: "layer" }');
  }
  checkCustomOptions("parity()", given, [
    ...["name", "preset", "backend", "seed", "generate", "kept", "shrink"],
  ]);
  const { preset, seed, generate } = given;
  if (generate !== undefined && !isWhole(generate)) {
    throw new RangeError(`generate ${generate} is not a number of cases, 0 or greater`);
  }
  if (seed !== undefined && !isWhole(seed)) {
    throw new RangeError(`seed ${seed} is not a whole number 0 or greater`);
  }
  if (preset !== undefined && preset !== "quick" && preset !== "full") {
    throw new RangeError(`there is no preset "${preset}": choose quick or full`);
  }
}
