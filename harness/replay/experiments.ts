/**
 * The experiments of the notebook, by the numbers that reports give them.
 *
 * @module
 */
import type { NOTEBOOK_EXPERIMENTS } from "./record.ts";
import type { Arithmetic } from "./arithmetic.ts";
import {
  batchNormStatistics,
  layerNormStatistics,
  testModeStatistics,
} from "./forward_statistics.ts";
import { gradientChecks, twoBackwardPasses } from "./gradient_checks.ts";
import type { Measurement } from "./measurement.ts";
import { netChecks } from "./net_check.ts";

/** One experiment. */
export type Experiment =
  & {
    /** Its number. */
    readonly name: keyof typeof NOTEBOOK_EXPERIMENTS;
  }
  & (
    /** Forward passes, in float64 and on every backend. */
    | { readonly kind: "forward"; measure(arithmetic: Arithmetic): Promise<Measurement[]> }
    /** Gradients, in float64 alone. */
    | { readonly kind: "gradient"; measure(): Promise<Measurement[]> }
    /** Training on CIFAR-10, on every backend. */
    | { readonly kind: "training" }
    /** Demonstrations on CIFAR-10, in float64. */
    | { readonly kind: "questions" }
  );

/** All of them, in the notebook's order. */
export const EXPERIMENTS: readonly Experiment[] = [
  {
    name: "N1",
    kind: "forward",
    measure: batchNormStatistics,
  },
  {
    name: "N2",
    kind: "forward",
    measure: testModeStatistics,
  },
  {
    name: "N3",
    kind: "gradient",
    measure: gradientChecks,
  },
  {
    name: "N4",
    kind: "gradient",
    measure: twoBackwardPasses,
  },
  {
    name: "N5",
    kind: "forward",
    measure: layerNormStatistics,
  },
  {
    name: "N6",
    kind: "gradient",
    measure: netChecks,
  },
  { name: "N7", kind: "training" },
  { name: "N10", kind: "questions" },
];
