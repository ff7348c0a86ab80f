/**
 * The digits that are right after each step of a norm, as a record and in words.
 *
 * @module
 */
import { formatNumber } from "../../reports/format.ts";
import { measured, type Read, recordKind, type RecordOf, text, z } from "../run/record.ts";
import { VERDICTS } from "./verdict.ts";

/** Bits of a float32. */
export const BITS = 24;

const stepDigits = z.object({
  /** Name: `mean`, `centred`, `variance`, `deviation`, `xhat`, `y`; of gradients `dxhat`, `dgamma` … */
  step: text,
  /** Bits that are right in the worst element, of 24. */
  worst: measured,
  /** Bits that are right in half of the elements. */
  median: measured,
  /** Bits that careful float32 promises for the worst element. */
  promised: measured,
  /** The largest |got - expected|. */
  largest: measured,
  /** The largest |got - expected| over its careful budget. */
  ratio: measured,
  /** What its values are, as parity judges them. */
  verdict: z.enum(VERDICTS),
});

/** What is left of a step's digits. */
export type StepDigits = Read<typeof stepDigits>;

/** The kind of record; a custom norm on a backend has at most one. */
export const STEPS = recordKind("steps", {
  /** Registry name of the norm. */
  norm: text,
  /** The custom norm that returns its steps beside `y`. */
  contender: text,
  /** Id of the case in which it is looked at; of several steps of training, the first. */
  case: text,
  /** In the order of the formula, forward, then backward; left out where they cannot be compared. */
  steps: z.array(stepDigits).exactOptional(),
  /** Why they cannot be. */
  error: text.exactOptional(),
}, ({ norm, contender }) => [norm, contender]);

/** The digits after each step of a custom norm that fails or loses digits. */
export type StepsRecord = RecordOf<typeof STEPS>;

/** Bits whose loss in one step is worth telling. */
const TELLING = 2;

/** Where most digits are lost: `Most digits are lost in centred: 11 of 24 bits are left.` */
export function lossLine(steps: readonly StepDigits[]): string {
  let [left, most] = [BITS, { lost: 0, text: "" }];
  for (const { step, worst } of steps.slice(0, steps.findIndex(({ step }) => step === "y") + 1)) {
    const lost = left - worst;
    if (lost > most.lost) {
      const [had, has] = [left, worst].map((bits) => formatNumber(bits, 2));
      most = { lost, text: `Most digits are lost in ${step}: ${has} of ${had} bits are left.` };
    }
    left = Math.min(left, worst);
  }
  return most.lost >= TELLING ? most.text : "No step loses more than a bit or two.";
}
