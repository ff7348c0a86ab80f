/**
 * Networks with and without normalization.
 *
 * @module
 */
import type { ModelDescription } from "../../../models/description.ts";
import { ADAM, BATCH_SIZE, NETWORKS } from "../../../models/networks.ts";
import { IMAGE_SIZES, planOf } from "./sizes.ts";
import type { Suite } from "./suite.ts";

/** How the arms of a network differ from it. */
const NORMS: Readonly<Record<string, Partial<ModelDescription>>> = {
  none: {},
  batch: { norm: "batch" },
  layer: { norm: "layer" },
  weight: { norm: "weight", dataDependentInitialization: true },
  "weight-plain": { norm: "weight" },
  group: { norm: "group" },
  rms: { norm: "rms" },
  "tf-batch": { norm: "tf-batch" },
};

/** The gradient of this one takes seconds a step where there are as many rows as in the CNN. */
const MLP_NORMS: typeof NORMS = { ...NORMS, "tf-layer": { norm: "tf-layer" } };

function armsOf(network: "mlp" | "cnn", norms: typeof NORMS): Record<string, ModelDescription> {
  return Object.fromEntries(
    Object.entries(norms).map(([name, difference]) => [
      `${network}/${name}`,
      { ...NETWORKS[network], ...difference },
    ]),
  );
}

/** Every norm against none, and two against those of `tf.layers`. */
export const WITH_WITHOUT: Suite = {
  name: "with-without",
  title: "With and without normalization",
  question: "Does a norm make a network learn better or faster, and what does it cost?",
  plan: (preset) =>
    planOf(
      IMAGE_SIZES[preset],
      { ...armsOf("mlp", MLP_NORMS), ...armsOf("cnn", NORMS) },
      { batchSize: BATCH_SIZE, optimizer: ADAM },
    ),
};
