/** The networks and the training settings that the tasks have in common. */
import type { ModelDescription, NormChoice } from "./description.ts";
import type { OptimizerOptions } from "./optimizer.ts";

const PLAIN = {
  norm: "none",
  placement: "pre",
  activation: "relu",
  weightScale: "auto",
  l2: 0,
  dataDependentInitialization: false,
} as const;

/** 784-256-128-10 on Fashion-MNIST. */
export const MLP: ModelDescription = { ...PLAIN, architecture: "mlp", hidden: [256, 128] };

/** Two convolutions of 3 by 3 with max pooling, and a dense layer. */
export const CNN: ModelDescription = { ...PLAIN, architecture: "cnn", hidden: [16, 32] };

export const NETWORKS: Readonly<Record<"mlp" | "cnn", ModelDescription>> = { mlp: MLP, cnn: CNN };

/** The net of the course notebook: dense layers of equal width, and a leaky ReLU. */
export function fullyConnected(layers: number, units: number, norm: NormChoice): ModelDescription {
  return {
    ...PLAIN,
    architecture: "fully-connected",
    activation: "leakyRelu",
    hidden: Array<number>(layers).fill(units),
    norm,
  };
}

/** Adam at its authors' learning rate. */
export const ADAM: OptimizerOptions = { name: "adam", learningRate: 1e-3 };

/** Images in a batch, unless the batch size is what is varied. */
export const BATCH_SIZE = 64;
