/**
 * Records of parity: what was compared with what, and who is wrong.
 *
 * @module
 */
import type { SCHEMA } from "../run/record.ts";

/**
 * Who is wrong, where a custom norm, a reference and the float64 oracle are compared.
 *
 * | verdict | custom | reference |
 * |---|---|---|
 * | `agree` | within budget | within budget |
 * | `custom wrong` | outside | within budget, or could not run |
 * | `reference wrong` | within budget | outside |
 * | `both off` | outside | outside |
 * | `reference cannot` | within budget | threw an error, or does not exist |
 */
export type Verdict =
  | "agree"
  | "custom wrong"
  | "reference wrong"
  | "both off"
  | "reference cannot";

/** Every verdict, the gravest first. */
export const VERDICTS: readonly Verdict[] = [
  "custom wrong",
  "both off",
  "reference wrong",
  "reference cannot",
  "agree",
];

/** Whether a verdict says that the custom norm is outside its error budget. */
export function blamesCustom(verdict: Verdict): boolean {
  return verdict === "custom wrong" || verdict === "both off";
}

/** The element at which `|got - expected| / budget` is largest. */
export interface Worst {
  /** Multi-dimensional index. */
  readonly index: readonly number[];
  /** What was computed. */
  readonly got: number;
  /** What should have been. */
  readonly expected: number;
  /** The absolute error that the derived budget allows at this element. */
  readonly budget: number;
}

/** How far one tensor is from what was expected of it. */
export interface Figures {
  /** max |got - expected|. */
  readonly maxAbsolute: number;
  /** mean |got - expected|. */
  readonly meanAbsolute: number;
  /** max |got - expected| / |expected|, over the elements where expected is not 0. */
  readonly maxRelative: number;
  /** mean |got - expected| / |expected|, over the same elements. */
  readonly meanRelative: number;
  /** Error in units in the last place of the expected value rounded to float32. */
  readonly maxUlp: number;
  /** The mean of the same. */
  readonly meanUlp: number;
  /** max |got - expected| / budget; at most 1 is within budget, infinite where a NaN was found. */
  readonly ratio: number;
  /** The element with that ratio. */
  readonly worst: Worst;
}

/** A reference, or a custom norm, that threw instead of answering. */
export interface Failure {
  /** The text of its error. */
  readonly error: string;
}

/** One tensor of a case: `y`, `dx`, `dgamma`, `movingMean` and the like. */
export interface QuantityRecord {
  /** Name, `d` before that of an input for its gradient. */
  readonly name: string;
  /** Lengths of its axes. */
  readonly shape: readonly number[];
  /** Custom norm against the float64 oracle. */
  readonly custom: Figures | Failure;
  /** Reference against the float64 oracle. */
  readonly reference: Figures | Failure;
  /** Custom norm against the reference; `null` where one of them has no answer. */
  readonly difference: Figures | null;
  /** Who is wrong about it. */
  readonly verdict: Verdict;
}

/** What a case is made of: enough to make its inputs again. */
export interface CaseRecord {
  /** Unique name, such as `layer/axis-2-1`. */
  readonly id: string;
  /** What the case is there to show, in a few words. */
  readonly about: string;
  /** Shape of the data. */
  readonly shape: readonly number[];
  /** The norm's options, as given. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Input distribution in words, such as `normal(1000, 1)`. */
  readonly input: string;
  /** Mean offset of the input in units of its spread, where the case sweeps one. */
  readonly offset?: number;
  /** Training steps over which running statistics are followed. */
  readonly steps: number;
  /** Every random number of the case follows from it. */
  readonly seed: number;
}

/** One case, run through one implementation and held against one reference on one backend. */
export interface ParityRecord {
  /** Tells a comparison from other records. */
  readonly kind: "parity";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Registry name of the norm: `batch`, `layer`, `weight` … */
  readonly norm: string;
  /** `composed`, `analytic` … or the name a user gave. */
  readonly implementation: string;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** `tf.layers` … */
  readonly reference: string;
  /** The case. */
  readonly case: CaseRecord;
  /** Elements that each statistic is taken over. */
  readonly reductionLength: number;
  /** Largest condition number sqrt(1 + mean^2 / variance) over the groups; infinite for a constant group. */
  readonly kappa: number;
  /** What was compared, tensor by tensor. */
  readonly quantities: readonly QuantityRecord[];
  /** The largest custom ratio over the quantities. */
  readonly ratio: number;
  /** The gravest verdict over the quantities. */
  readonly verdict: Verdict;
}

/** Whether `value` holds figures, and not the text of an error. */
export function hasFigures(value: Figures | Failure): value is Figures {
  return "ratio" in value;
}
