/**
 * Counterexamples: the smallest input on which a custom norm fails, and what is wrong with its answer.
 *
 * @module
 */
import { size } from "../../../norms/basics/shape.ts";
import { STORAGE_TYPES } from "../../../norms/oracle/storage.ts";
import {
  measured,
  normOptions,
  recordKind,
  type RecordOf,
  shape,
  text,
  z,
} from "../../run/record.ts";
import { VERDICTS } from "../verdict.ts";
import { diagnosis } from "./diagnosis.ts";

const values = z.array(measured);

const array = z.object({ shape, values }).refine(
  ({ shape, values }) => size(shape) === values.length,
  "expected as many values as the shape holds",
);

/** The kind of record; of a norm, on a backend, there may be several. */
export const COUNTEREXAMPLE = recordKind("counterexample", {
  /** Registry name of the norm, or the name of an operation of the user's. */
  norm: text,
  /** The custom norm that fails. */
  contender: text,
  /** Id of the case in which it was found failing. */
  found: text,
  /** Where a generated case comes from: fast-check finds it again by these. */
  generated: z.object({ seed: z.number(), path: text }).exactOptional(),
  /** Shape of the data of the smallest case that fails in the same way. */
  shape,
  /** The norm's options in it. */
  options: normOptions,
  /** Training steps in it. */
  steps: z.int().positive(),
  /** The type in which inputs and results are stored, where that is not float32. */
  storage: z.enum(STORAGE_TYPES).exactOptional(),
  /** Its inputs, row-major: `x0` and so on for the data of each step, weights and states by name, `dy`. */
  inputs: z.record(text, array),
  /** The quantity that is off: `y`, `dgamma` … */
  quantity: text,
  /** Its verdict: `wrong`, `cannot run` or `not returned`. */
  verdict: z.enum(VERDICTS),
  /** What the norm answered, row-major; left out where it did not. */
  got: values.exactOptional(),
  /** What it threw. */
  error: text.exactOptional(),
  /** What it should have answered. */
  expected: array,
  /** The absolute error that any order of operations in float32 may make, by element. */
  budget: values,
  /** What the mistake looks like; left out where there is no answer to look at. */
  diagnosis: diagnosis.exactOptional(),
}, ({ norm, contender, found, quantity }) => [norm, contender, found, quantity]);

/** The smallest input on which a custom norm fails. */
export type Counterexample = RecordOf<typeof COUNTEREXAMPLE>;
