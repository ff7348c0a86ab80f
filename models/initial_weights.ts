/**
 * The weights that a network starts with.
 *
 * @module
 */
import { standardNormal, uniformStream } from "../norms/basics/random.ts";
import { type Shape, size } from "../norms/basics/shape.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Activation, ModelDescription } from "./description.ts";
import { kernelsOf } from "./kernels.ts";
import type { Model } from "./model.ts";

/**
 * Draws every kernel of a network; biases stay 0, gammas 1, betas 0.
 *
 *     W ~ normal(0, scale)        weight norm: v = W, g = ||v||
 *
 * Each kernel has a stream of its own, which depends on the seed and on its place alone. So equal seeds
 * give equal kernels on every backend, whatever the norm; a weight-normalized network, too, starts out
 * as the plain one of its seed.
 */
export function drawInitialWeights(
  model: Model,
  { weightScale, activation }: Pick<ModelDescription, "weightScale" | "activation">,
  seed: number,
): void {
  kernelsOf(model).forEach(({ kernel, length }, place) =>
    tf.tidy(() => {
      const shape = kernel.shape as number[];
      const deviation = weightScale === "auto" ? suitableScale(shape, activation) : weightScale;
      const drawn = standardNormal(size(shape), uniformStream(`weights/${seed}/${place}`));
      const values = tf.tensor(Float32Array.from(drawn, (value) => value * deviation), shape);
      kernel.write(values);
      length?.write(tf.sqrt(tf.sum(tf.square(values), shape.map((_, axis) => axis).slice(0, -1))));
    })
  );
}

/** He's scale for rectifiers, Glorot's for the sigmoid. */
function suitableScale(kernel: Shape, activation: Activation): number {
  const positions = size(kernel.slice(0, -2));
  const fanIn = positions * kernel.at(-2)!;
  const fanOut = positions * kernel.at(-1)!;
  return Math.sqrt(activation === "sigmoid" ? 2 / (fanIn + fanOut) : 2 / fanIn);
}
