/**
 * Records of parity: what was compared with what, and who is wrong.
 *
 * @module
 */
import {
  type Failure,
  failure,
  measured,
  normOptions,
  type Read,
  recordKind,
  type RecordOf,
  type RunRecord,
  shape,
  text,
  z,
} from "../run/record.ts";

/** Every verdict, the worst first. */
export const VERDICTS = [
  "custom wrong",
  "both off",
  "reference wrong",
  "reference cannot",
  "agree",
] as const;

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
export type Verdict = typeof VERDICTS[number];

/** Whether a verdict says that the custom norm is outside its error budget. */
export function blamesCustom(verdict: Verdict): boolean {
  return verdict === "custom wrong" || verdict === "both off";
}

/** The worst of several verdicts. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? "agree";
}

const errorSummary = z.object({
  /** max |got - expected|. */
  maxAbsolute: measured,
  /** mean |got - expected|. */
  meanAbsolute: measured,
  /** max |got - expected| / |expected|, over the elements where expected is not 0. */
  maxRelative: measured,
  /** mean |got - expected| / |expected|, over the same elements. */
  meanRelative: measured,
  /** Error in units in the last place of the expected value rounded to float32. */
  maxUlp: measured,
  /** The mean of the same. */
  meanUlp: measured,
  /** max |got - expected| / budget; at most 1 is within budget, infinite where there is a NaN. */
  ratio: measured,
  /** The element at which that ratio is largest. */
  worst: z.object({
    /** Multi-dimensional index. */
    index: shape,
    /** What was computed. */
    got: measured,
    /** What should have been computed. */
    expected: measured,
    /** The absolute error that the derived budget allows at this element. */
    budget: measured,
  }),
});

/** How far one tensor is from what was expected of it. */
export type ErrorSummary = Read<typeof errorSummary>;

/** The element at which `|got - expected| / budget` is largest. */
export type Worst = ErrorSummary["worst"];

// The error of a union speaks of its first member.
const answer = z.union([errorSummary, failure]);

const quantity = z.object({
  /** Name, `d` before that of an input for its gradient: `y`, `dx`, `movingMean`. */
  name: text,
  /** Lengths of its axes. */
  shape,
  /** Custom norm against the float64 oracle. */
  custom: answer,
  /** Reference against the float64 oracle. */
  reference: answer,
  /** Custom norm against the reference; `null` where one of them has no answer. */
  difference: errorSummary.nullable(),
  /** Who is wrong about it. */
  verdict: z.enum(VERDICTS),
});

/** One tensor of a case. */
export type QuantityRecord = Read<typeof quantity>;

const parityCase = z.object({
  /** Unique name, such as `layer/axis-2-1`. */
  id: text,
  /** What the case is there to show, in a few words. */
  about: text,
  /** Shape of the data. */
  shape,
  /** The norm's options, as given. */
  options: normOptions,
  /** Input distribution in words, such as `normal(1000, 1)`. */
  input: text,
  /** Mean of the input in units of its spread, where the case sweeps one. */
  offset: z.number().exactOptional(),
  /** Training steps over which running statistics are followed. */
  steps: z.number(),
  /** Every random number of the case follows from it. */
  seed: z.number(),
});

/** What a case is made of: enough to make its inputs again. */
export type CaseRecord = Read<typeof parityCase>;

const PARITY = recordKind("parity", {
  /** Registry name of the norm: `batch`, `layer`, `weight` … */
  norm: text,
  /** `composed`, `analytic` … or the name a user gave. */
  implementation: text,
  /** `tf.layers` … */
  reference: text,
  /** The case. */
  case: parityCase,
  /** Elements that each statistic is taken over. */
  reductionLength: z.number(),
  /** Largest condition number sqrt(1 + mean^2 / variance) over the groups; infinite for a constant group. */
  kappa: measured,
  /** What was compared, tensor by tensor. */
  quantities: z.array(quantity),
  /** The largest custom ratio over the quantities. */
  ratio: measured,
  /** The worst verdict over the quantities. */
  verdict: z.enum(VERDICTS),
}, (record) => [record.norm, record.implementation, record.reference, record.case.id]);

/** One case, run through one implementation and compared with one reference on one backend. */
export type ParityRecord = RecordOf<typeof PARITY>;

/** What the parity task records. */
export const PARITY_KINDS = [PARITY] as const;

/** Any record of a parity run. */
export type ParityRunRecord = RunRecord<ParityRecord>;

/** Whether there was an answer, and not only an error. */
export function answered(value: ErrorSummary | Failure): value is ErrorSummary {
  return "ratio" in value;
}
