/**
 * Records of parity: what was compared with what, and who is wrong.
 *
 * @module
 */
import { STORAGE_TYPES } from "../../norms/oracle/storage.ts";
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
import { COUNTEREXAMPLE, type Counterexample } from "./counterexample/record.ts";
import { STEPS, type StepsRecord } from "./step_record.ts";
import { VERDICTS } from "./verdict.ts";

export type { Counterexample, StepsRecord };
export { fails, type Verdict, VERDICTS, worstVerdict } from "./verdict.ts";

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
  /** max |got - expected| / careful budget; at most 1 is `right`, infinite where there is a NaN. */
  ratio: measured,
  /** The same over the budget of any order of operations; above 1 is `wrong`. */
  anyOrderRatio: measured,
  /** The element at which that ratio is largest. */
  worst: z.object({
    /** Multi-dimensional index. */
    index: shape,
    /** What was computed. */
    got: measured,
    /** What should have been computed. */
    expected: measured,
    /** The absolute error that careful float32 may make at this element. */
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
  /** Of a gradient, the upstream gradient with which it is furthest off: `normal(0, 1)`, `ones` … */
  upstream: text.exactOptional(),
  /** The norm's answer against the float64 oracle. */
  answer,
  /** What the answer is. */
  verdict: z.enum(VERDICTS),
  /** max |custom - reference| by reference, where both answered; only of custom norms. */
  differences: z.record(text, measured).exactOptional(),
  /**
   * Median of the careful budget in units in the last place of the expected value, over the elements
   * that are not 0; infinite where all are.
   */
  budgetUlp: measured,
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
  /** The type in which inputs and results are stored, where that is not float32. */
  storage: z.enum(STORAGE_TYPES).exactOptional(),
  /** Training steps over which running statistics are followed. */
  steps: z.number(),
  /** Every random number of the case follows from it. */
  seed: z.number(),
});

/** What a case is made of: enough to make its inputs again. */
export type CaseRecord = Read<typeof parityCase>;

const PARITY = recordKind(
  "parity",
  {
    /** Registry name of the norm: `batch`, `layer`, `weight` … */
    norm: text,
    /** Whose answers these are: `composed`, `tf.layers`, or the name a user gave. */
    contender: text,
    /** Whether it is to be checked, or what others are compared with. */
    role: z.enum(["custom", "reference"]),
    /** The case. */
    case: parityCase,
    /** Elements that each statistic is taken over. */
    reductionLength: z.number(),
    /** Largest condition number sqrt(1 + mean^2 / variance) over the groups; infinite for a constant group. */
    kappa: measured,
    /** What was compared, tensor by tensor. */
    quantities: z.array(quantity),
    /** The largest ratio over the quantities; infinite where one has no answer. */
    ratio: measured,
    /** The worst verdict over the quantities. */
    verdict: z.enum(VERDICTS),
  },
  (record) => [record.norm, record.contender, record.case.id],
  {
    packed: ["quantities"],
    shared: ["case"],
  },
);

/** One case, run through one contender on one backend. */
export type ParityRecord = RecordOf<typeof PARITY>;

/** What the parity task records. */
export const PARITY_KINDS = [PARITY, COUNTEREXAMPLE, STEPS] as const;

/** Any result of a parity run. */
export type ParityResultRecord = ParityRecord | Counterexample | StepsRecord;

/** Any record of a parity run. */
export type ParityRunRecord = RunRecord<ParityResultRecord>;

/** Whether there was an answer, and not only an error. */
export function answered(value: ErrorSummary | Failure): value is ErrorSummary {
  return "ratio" in value;
}
