/**
 * Higher learning rates, and an activation that saturates.
 *
 * @module
 */
import { BATCH_SIZE, MLP } from "../../../models/networks.ts";
import { IMAGE_SIZES } from "./sizes.ts";
import type { Arm, Suite } from "./suite.ts";

/** Momentum, since Adam hides much of what the rate does. */
const BASE_RATE = 0.01;

/** Those of Ioffe & Szegedy 2015, section 4.2. */
const FACTORS = [1, 5, 30] as const;
const ACTIVATIONS = ["relu", "sigmoid"] as const;
const NORMS = ["none", "batch"] as const;

/** One to thirty times the usual rate, for ReLU and sigmoid, with and without batch norm. */
export const LEARNING_RATE: Suite = {
  name: "learning-rate",
  title: "Higher learning rates",
  question: "Does batch norm allow higher learning rates, and activations that saturate?",
  plan: (preset) => {
    const { train, epochs, ...size } = IMAGE_SIZES[preset];
    const arms = ACTIVATIONS.flatMap((activation) =>
      NORMS.flatMap((norm) =>
        FACTORS.map((factor): Arm => ({
          name: `${activation}/${norm}/x${factor}`,
          model: { ...MLP, activation, norm },
          optimizer: { name: "momentum", learningRate: BASE_RATE * factor },
          batchSize: BATCH_SIZE,
          epochs,
          train,
        }))
      )
    );
    return { ...size, arms };
  },
};
