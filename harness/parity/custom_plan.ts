/**
 * How a custom norm is judged, and the cases that follow.
 *
 * @module
 */
import { STANDARD } from "../../fixtures/cases/row.ts";
import type { Distribution } from "../../fixtures/distribution.ts";
import { generatedCases } from "../../fixtures/generated/cases.ts";
import { fits } from "../../fixtures/generated/option_choices.ts";
import type { ParityCase } from "../../fixtures/parity_case.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import { kindOf } from "../../norms/basics/errors.ts";
import { checkNames, type NormOptions } from "../../norms/basics/options.ts";
import { type Shape, size } from "../../norms/basics/shape.ts";
import type { Subject } from "../../norms/basics/subject.ts";
import { isStorageType, STORAGE_TYPES, type StorageType } from "../../norms/oracle/storage.ts";
import { normByName } from "../../norms/registry.ts";
import { type BackendName, referencesOn } from "../backend/registry.ts";
import { arrayShapes, caseOfCounterexample } from "./counterexample/given_case.ts";
import type { Counterexample } from "./counterexample/record.ts";
import type { CasePlan } from "./run_case.ts";

/** What a custom norm is compared with, and on what data. */
export interface CustomOptions<O = NormOptions, Name extends string = string> {
  /** The norm that it implements: a name of the registry (`batch`, `layer` …), or a record. */
  readonly norm: Name | Operation;
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
  /**
   * The quantities that are judged, such as `["y", "dx"]`; default all. A batch norm that returns `y`
   * alone is `not returned` for its running statistics unless they are left out here.
   */
  readonly quantities?: readonly string[];
  /** Shapes in which the function takes its parameters, by name, where they differ from the norm's. */
  readonly parameterShapes?: Readonly<Record<string, Shape>>;
}

/** The options of a custom norm, as {@linkcode CustomOptions} lists them. */
const CUSTOM_OPTIONS: readonly (keyof CustomOptions)[] = [
  ...["norm", "shape", "options", "input", "steps", "storage"] as const,
  ...["quantities", "parameterShapes"] as const,
];

/** A custom norm, and how it is judged. */
export interface Custom {
  /** Its name in records. */
  readonly name: string;
  readonly norm: Operation;
  readonly subject: Subject;
  /** The only case that it is run on; left out, those of the norm. */
  readonly ownCase?: ParityCase;
  /** The quantities that are judged; left out, all. */
  readonly quantities?: readonly string[];
}

/** Elements of the largest input: the oracle holds a few arrays of float64 for each. */
const MOST_ELEMENTS = 2 ** 26;

/**
 * Refuses options that a type checker would refuse, since programs run without one.
 *
 * @param owner Whose options they are, in messages.
 * @param others Names that it takes in addition to those of {@linkcode CustomOptions}.
 * @throws {TypeError} if there is no such option, or one is missing or of the wrong type.
 * @throws {RangeError} if a value is out of range.
 */
export function checkCustomOptions(
  owner: string,
  given: { readonly [name in keyof CustomOptions]?: unknown },
  others: readonly string[],
): void {
  checkNames(owner, Object.keys(given), [...CUSTOM_OPTIONS, ...others]);
  const { norm, shape, options, input, steps, storage, quantities } = given;
  if (norm === undefined) throw new TypeError('give the norm that it is, as in { norm: "layer" }');
  const withShape = { options, input, steps, storage };
  const useless = Object.entries(withShape).find(([, value]) => value !== undefined)?.[0];
  if (shape === undefined && useless !== undefined) {
    throw new TypeError(`${useless} belongs to a shape: give shape too, or leave ${useless} out`);
  }
  if (shape !== undefined && !(Array.isArray(shape) && shape.every(isWhole))) {
    throw new RangeError(`shape ${JSON.stringify(shape)} is not a list of lengths: try [32, 64]`);
  }
  if (shape !== undefined && size(shape as Shape) > MOST_ELEMENTS) {
    throw new RangeError(
      `shape ${JSON.stringify(shape)} has more than ${MOST_ELEMENTS} elements, which the oracle ` +
        "cannot hold: try a smaller one",
    );
  }
  if (input !== undefined && typeof (input as Distribution | null)?.sample !== "function") {
    throw new TypeError(
      `input is ${kindOf(input)} and no distribution: give one, such as normal(0, 1), which ` +
        "Normbench exports",
    );
  }
  if (steps !== undefined && !(isWhole(steps) && steps !== 0)) {
    throw new RangeError(`steps ${steps} is not a positive whole number`);
  }
  if (storage !== undefined && !(typeof storage === "string" && isStorageType(storage))) {
    throw new RangeError(`there is no storage "${storage}": choose ${STORAGE_TYPES.join(" or ")}`);
  }
  if (quantities !== undefined && !(Array.isArray(quantities) && quantities.length > 0)) {
    throw new TypeError('quantities is not a list of names: try ["y", "dx"]');
  }
}

/** Whether it is a whole number from 0 up. */
export function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * A custom norm with options that have been checked.
 *
 * @param caseName What the id of its own case begins with, if it has one.
 * @throws {RangeError} if there is no such norm.
 * @throws {TypeError} if the norm has no such option.
 */
export function customOf(
  name: string,
  subject: Subject,
  options: CustomOptions<object>,
  caseName: string,
): Custom {
  const norm = typeof options.norm === "string" ? normByName(options.norm) : options.norm;
  checkNormOptions(norm, options.options ?? {});
  const { quantities, shape } = options;
  return {
    name,
    norm,
    subject,
    ...(quantities && { quantities }),
    ...(shape && { ownCase: caseOf(norm, caseName, shape, options) }),
  };
}

/** Refuses options that the norm does not have, which would change nothing; an operation may take any. */
function checkNormOptions(norm: Operation, options: object): void {
  if (!("defaults" in norm)) return;
  checkNames(`${norm.name} norm`, Object.keys(options), Object.keys(norm.defaults as object));
}

function caseOf(
  norm: Operation,
  name: string,
  shape: Shape,
  { options, input = STANDARD, steps = 1, storage }: CustomOptions<object>,
): ParityCase {
  return {
    id: `${norm.name}/${name}-${shape.join("x")}`,
    about: "a case of the user",
    shape,
    options: { ...options },
    input,
    steps,
    ...(storage && { storage }),
  };
}

/** A case of a norm, and what is special about it, such as answers that were recorded. */
export type NormCase = Pick<CasePlan, "parityCase"> & Partial<CasePlan>;

/** Cases of custom norms beside those that are listed. */
export interface MoreCases {
  /** Cases that are drawn for every norm, or of data for the user's own case; default 0. */
  readonly generate?: number;
  /** From which they follow. */
  readonly seed: number;
  /** What an earlier run has found, which is tried first. */
  readonly kept?: readonly Counterexample[];
}

/** Cases that are drawn for a norm, or of data for the case of the user. */
export function generatedPlans(
  norm: Operation,
  { generate = 0, seed }: Pick<MoreCases, "generate" | "seed">,
  ownCase?: ParityCase,
): NormCase[] {
  return generatedCases(norm, generate, seed, ownCase).map(withoutReferences);
}

/** A case without references: they would be blamed for what nobody asked. */
function withoutReferences(parityCase: ParityCase): NormCase {
  return { parityCase, references: {}, backendReferences: () => ({}) };
}

/** Whether a norm still has the inputs that it had when this was found: its author may have changed them. */
function stillFits(norm: Operation, example: Counterexample): boolean {
  return fits(norm, example.shape, example.options) &&
    Object.entries(arrayShapes(norm, example)).every(([name, shape]) =>
      example.inputs[name]?.values.length === size(shape)
    );
}

/** The cases on which custom norms are run, those of the same norm side by side. */
export function customPlans(
  customs: readonly Custom[],
  casesOf: (norm: Operation) => readonly NormCase[],
  more: MoreCases,
): CasePlan[] {
  const together = Map.groupBy(
    customs,
    ({ name, norm, quantities, ownCase }) =>
      JSON.stringify([norm.name, quantities, ownCase && name]),
  );
  return [...together.values()].flatMap((group): CasePlan[] => {
    const { norm, quantities, ownCase } = group[0]!;
    const contenders = {
      norm,
      references: norm.references,
      backendReferences: (backend: BackendName) => referencesOn(backend, norm),
      ...(quantities && { quantities }),
    };
    const subjects = Object.fromEntries(group.map(({ name, subject }) => [name, subject]));
    const again = (more.kept ?? [])
      .filter((example) => example.norm === norm.name && stillFits(norm, example))
      .map((example, i) =>
        caseOfCounterexample(example, `${ownCase?.id ?? norm.name}/kept-${i + 1}`)
      );
    const cases = [
      ...again.map(withoutReferences),
      ...ownCase === undefined ? casesOf(norm) : [{ parityCase: ownCase }],
      ...generatedPlans(norm, more, ownCase),
    ];
    return cases.map(({ backendSubjects: _, ...special }) => ({
      ...contenders,
      ...special,
      norm,
      subjects,
    }));
  });
}
