/** What training a network takes, before it is built. */
import { type Shape, size } from "../norms/basics/shape.ts";
import type { ModelDescription } from "./description.ts";

const FLOAT_BYTES = 4;

/** Each weight is kept with its gradient, and the two moments of Adam. */
const PER_WEIGHT = 4;

/** What a layer computes, normalizes and activates is kept until its gradient is taken. */
const PER_ACTIVATION = 4;

/**
 * Bytes that training a network takes at least, whatever its norm.
 *
 * @param input Shape of a sample, as `buildModel` takes it.
 */
export function trainingBytes(
  { architecture, hidden }: Pick<ModelDescription, "architecture" | "hidden">,
  input: Shape,
  classes: number,
  batchSize: number,
): number {
  const isCnn = architecture === "cnn";
  let pixels = isCnn ? size(input.slice(0, -1)) : 1;
  let channels = isCnn ? input.at(-1)! : size(input);
  let [weights, activations] = [0, size(input)];
  for (const units of hidden) {
    // Kernels of 3x3, and pools of 2x2 that halve both sides.
    weights += (isCnn ? 9 : 1) * channels * units;
    activations += PER_ACTIVATION * pixels * units;
    if (isCnn) pixels /= 4;
    channels = units;
  }
  weights += pixels * channels * classes;
  return FLOAT_BYTES * (PER_WEIGHT * weights + batchSize * activations);
}
