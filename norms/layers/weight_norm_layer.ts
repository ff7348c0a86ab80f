/**
 * What the weight-normalized layers share.
 *
 * @module
 */
import * as tf from "../basics/tf.ts";
import { checkCount, type WeightNormOptions } from "../basics/options.ts";
import type { Layer, Tensor } from "../basics/tensor.ts";
import { applyNorm } from "../frames/apply.ts";
import type { Norm } from "../basics/norm.ts";
import { dataDependentInitialization } from "../basics/reparameterization.ts";
import { NormLayer, type NormLayerArgs } from "./norm_layer.ts";

type ActivationName = Parameters<typeof tf.layers.activation>[0]["activation"];

/** The part of the configuration that every weight-normalized layer has. */
export interface WeightNormConfig {
  /** Whether there is a bias; default true. */
  readonly useBias: boolean;
  /** The activation of `tf.layers` at the end; default `linear`, which leaves the output as it is. */
  readonly activation: string;
}

/** A layer whose kernel is w = g v / ||v||, with the weights `v`, `g` and `bias`. */
export abstract class WeightNormLayer<C extends WeightNormConfig>
  extends NormLayer<WeightNormOptions, C> {
  readonly #norm: Norm<WeightNormOptions>;
  readonly #activation: Layer;

  /**
   * Makes the activation.
   *
   * @param norm The record of weight norm.
   * @param defaults Value of every configuration entry that `args` leaves out.
   * @throws {Error} if `tf.layers` has no such activation.
   */
  constructor(norm: Norm<WeightNormOptions>, defaults: C, args: Partial<C> & NormLayerArgs) {
    super(norm, defaults, args);
    this.#norm = norm;
    const activation = this.config.activation as ActivationName;
    this.#activation = tf.layers.activation({ activation });
  }

  /** Applies the layer's operation with the normalized kernel, the bias and the activation. */
  override call(
    inputs: Tensor | Tensor[],
    kwargs?: Readonly<Record<string, unknown>>,
  ): Tensor {
    return tf.tidy(() => this.#activation.apply(super.call(inputs, kwargs)) as Tensor);
  }

  /**
   * Sets g and bias so that the output for `x`, before the activation, has mean 0 and variance 1 for
   * each unit; builds the layer if it is not built. Without a bias the variance alone is set.
   *
   *     t = v x / ||v||      g = 1 / std(t)      bias = -mean(t) / std(t)
   *
   * In a deep network begin with the first layer: what reaches the others depends on it. Salimans &
   * Kingma 2016, section 3.
   *
   * @param x float32, an initial batch of what will reach this layer.
   * @throws {RangeError} if its shape does not fit, or it gives fewer than two values a unit.
   */
  initializeFromData(x: Tensor): void {
    tf.tidy(() => {
      if (!this.built) this.apply(x);
      const { v } = this.readWeights();
      const { g, bias } = dataDependentInitialization(
        initialOutput(this.#norm, x, v!, this.options),
      );
      this.writeWeights({ g, bias });
    });
  }
}

/** v x / ||v||: what data-dependent initialization looks at. */
export function initialOutput(
  norm: Norm<WeightNormOptions>,
  x: Tensor,
  v: Tensor,
  options: WeightNormOptions,
): Tensor {
  return tf.tidy(() =>
    applyNorm(norm, { x, v, g: tf.ones([options.units]) }, { ...options, useBias: false })["y"]!
  );
}

/**
 * Two counts, of which one may stand for both.
 *
 * @throws {RangeError} if they are not one or two positive whole numbers.
 */
export function pair(name: string, value: number | readonly number[]): [number, number] {
  const [first, second = first, ...others] = typeof value === "number" ? [value] : value ?? [];
  checkCount(name, first);
  checkCount(name, second);
  if (others.length > 0) throw new RangeError(`${name} [${value}] holds more than two numbers`);
  return [first!, second!];
}
