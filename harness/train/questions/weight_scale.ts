/**
 * Weights that start too small or too large.
 *
 * @module
 */
import type { ModelDescription } from "../../../models/description.ts";
import { ADAM, fullyConnected } from "../../../models/networks.ts";
import { NOTEBOOK_SIZES, planOf } from "./sizes.ts";
import type { Suite } from "./suite.ts";

/** Standard deviations of the first weights: 20 of them, evenly spaced from 1e-4 to 1 as logarithms. */
const SCALES: readonly number[] = Array.from({ length: 20 }, (_, i) => 10 ** (-4 + 4 * i / 19));

const NORMS = ["none", "batch"] as const;

function arms(): Record<string, ModelDescription> {
  return Object.fromEntries(
    NORMS.flatMap((norm) =>
      SCALES.map((weightScale): [string, ModelDescription] => [
        `${norm}/${weightScale.toPrecision(3)}`,
        { ...fullyConnected(7, 50, norm), weightScale },
      ])
    ),
  );
}

/**
 * The notebook's experiment: 7 hidden layers of 50 units. Its pixels were bytes less their mean; here
 * they are standardized, so that the best scale for the plain net lies higher.
 */
export const WEIGHT_SCALE: Suite = {
  name: "weight-scale",
  title: "The scale of the first weights",
  question:
    "How much does it matter how large the weights are at first, with and without batch norm?",
  plan: (preset) => planOf(NOTEBOOK_SIZES[preset], arms(), { batchSize: 50, optimizer: ADAM }),
};
