/**
 * The experiments of the notebook, by the numbers that reports give them.
 *
 * @module
 */
import type { Arithmetic } from "./arithmetic.ts";
import { batchNormStatistics, layerNormStatistics, testModeStatistics } from "./forward.ts";
import { gradientChecks, twoBackwardPasses } from "./gradients.ts";
import { networkChecks } from "./network_check.ts";
import type { Printout } from "./published.ts";
import type { NOTEBOOK_EXPERIMENTS } from "./record.ts";

/** One experiment. */
export type Experiment =
  & { readonly name: keyof typeof NOTEBOOK_EXPERIMENTS }
  & (
    /** Forward passes, in float64 and on every backend. */
    | { readonly kind: "forward"; measure(arithmetic: Arithmetic): Promise<Printout[]> }
    /** Gradients, in float64 only. */
    | { readonly kind: "gradient"; measure(): Promise<Printout[]> }
    /** Training on CIFAR-10, on every backend. */
    | { readonly kind: "training" }
    /** Demonstrations on CIFAR-10, in float64. */
    | { readonly kind: "questions" }
  );

/** All of them, in the notebook's order. */
export const EXPERIMENTS: readonly Experiment[] = [
  { name: "N1", kind: "forward", measure: batchNormStatistics },
  { name: "N2", kind: "forward", measure: testModeStatistics },
  { name: "N3", kind: "gradient", measure: gradientChecks },
  { name: "N4", kind: "gradient", measure: twoBackwardPasses },
  { name: "N5", kind: "forward", measure: layerNormStatistics },
  { name: "N6", kind: "gradient", measure: networkChecks },
  { name: "N7", kind: "training" },
  { name: "N10", kind: "questions" },
];
