/**
 * The textbook of norms of kernels.
 *
 * @module
 */
import { applyKernel } from "../basics/reparameterization.ts";
import type { WeightNormOptions } from "../basics/options.ts";
import { range } from "../basics/shape.ts";
import type { Tensor } from "../basics/tensor.ts";
import * as tf from "../basics/tf.ts";
import type { Textbook } from "../basics/norm.ts";

/** The steps of weight norm; a fault replaces some of them. */
export interface KernelSteps {
  /** ||v||, in a shape that broadcasts onto v. */
  norm(v: Tensor): Tensor;
  kernel(v: Tensor, g: Tensor, norm: Tensor): Tensor;
  /** Whether the gradient is derived by hand, by the steps that follow. */
  readonly byHand: boolean;
  dg(dw: Tensor, direction: Tensor): Tensor;
  /** What the norm takes from dv. */
  projection(direction: Tensor, dg: Tensor): Tensor;
  rescale(dv: Tensor, g: Tensor, norm: Tensor): Tensor;
  bias(product: Tensor, bias: Tensor): Tensor;
}

/** Sum over every axis but the last. */
export function sumOverUnit(x: Tensor): Tensor {
  return tf.sum(x, range(x.rank - 1), true);
}

/** dg = sum(dw u), dv = g / ||v|| (dw - u dg), where u = v / ||v||. */
function kernelByHand(steps: KernelSteps, v: Tensor, g: Tensor): Tensor {
  return tf.customGrad((_v, _g, save) => {
    const norm = steps.norm(v);
    (save as tf.GradSaveFunc)([tf.div(v, norm), norm, g]);
    return {
      value: steps.kernel(v, g, norm),
      gradFunc: (dw: Tensor, saved: Tensor[]) => {
        const [direction, norm, g] = saved as [Tensor, Tensor, Tensor];
        const dg = steps.dg(dw, direction);
        const tangent = tf.sub(dw, steps.projection(direction, dg));
        return [steps.rescale(tangent, g, norm), tf.reshape(dg, g.shape)];
      },
    };
  })(v, g);
}

export function isKernel(steps: object): steps is KernelSteps {
  return "kernel" in steps;
}

export const KERNEL_TEXTBOOK: Textbook<KernelSteps, WeightNormOptions> = {
  steps: {
    norm: (v) => tf.sqrt(sumOverUnit(tf.square(v))),
    kernel: (v, g, norm) => tf.mul(g, tf.div(v, norm)),
    byHand: false,
    dg: (dw, direction) => sumOverUnit(tf.mul(dw, direction)),
    projection: (direction, dg) => tf.mul(direction, dg),
    rescale: (dv, g, norm) => tf.mul(tf.div(g, norm), dv),
    bias: (product, bias) => tf.add(product, bias),
  },
  implement: (steps) => (inputs, options) => {
    const { x, v, g, bias } = inputs as Record<string, Tensor>;
    const kernel = steps.byHand
      ? kernelByHand(steps, v!, g!)
      : steps.kernel(v!, g!, steps.norm(v!));
    const product = applyKernel(x!, kernel, undefined, options);
    return { y: bias === undefined ? product : steps.bias(product, bias) };
  },
};
