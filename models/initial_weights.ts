/** The kernels of a network, and the weights that it starts with. */
import { standardNormal, uniformStream } from "../norms/basics/random.ts";
import { type Shape, size } from "../norms/basics/shape.ts";
import { WeightNormLayer } from "../norms/layers/weight_norm_layer.ts";
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Activation, Model, ModelDescription } from "./description.ts";

/** The weight that multiplies a layer's input. */
export interface Kernel {
  /** The kernel, or the direction v of a weight-normalized one. */
  readonly kernel: tf.LayerVariable;
  /** The length g of a weight-normalized one. */
  readonly length: tf.LayerVariable | undefined;
}

/** The kernels of dense layers and convolutions, plain or weight-normalized, from input to output. */
export function kernelsOf(model: Model): Kernel[] {
  return model.layers.flatMap(({ weights }) => {
    const named = (name: string) =>
      weights.find(({ originalName }) => originalName.endsWith(`/${name}`));
    const kernel = named("kernel") ?? named("v");
    return kernel === undefined ? [] : [{ kernel, length: named("g") }];
  });
}

/**
 * Draws every kernel of a network; biases stay 0, gammas 1, betas 0.
 *
 *     W ~ normal(0, scale)        weight norm: v = W, g = ||v||
 *
 * The random stream of a kernel depends on the seed and on its place alone. So equal seeds
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

/**
 * Sets g and bias of every weight-normalized layer so that its output for `images` has mean 0 and
 * variance 1 for each unit, from the first layer to the last; other layers stay as they are.
 *
 * Call it with the first batch before training, where the description asks for it. Salimans & Kingma
 * 2016, section 3.
 *
 * @param images float32, samples along axis 0; the caller disposes of them.
 * @throws {RangeError} if the batch gives fewer than two values a unit.
 */
export function initializeFromData(model: Model, images: Tensor): void {
  tf.tidy(() => {
    model.layers.slice(1).reduce((x, layer) => {
      if (layer instanceof WeightNormLayer) layer.initializeFromData(x);
      return layer.call(x, {}) as Tensor;
    }, images);
  });
}
