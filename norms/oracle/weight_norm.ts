/**
 * Float64 oracle of weight norm, in a dense layer or a convolution.
 *
 * @module
 */
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import type { WeightNormOptions } from "../basics/options.ts";
import { range } from "../basics/shape.ts";
import { add, Bounded, matMul, multiply, reshape, sum, transpose } from "./bounded.ts";
import { conv2d, conv2dBackward, type Convolution } from "./convolution.ts";
import { standardize } from "./group_statistics.ts";
import type { Standardized } from "./standardized.ts";
import { projectBackward, sumOfProducts } from "./standardized_gradients.ts";

/** w = g u, where u = v / ||v||. */
function kernelOf({ v, g }: BoundedArrays) {
  const axes = range(v!.shape.length - 1);
  const direction = standardize(v!, { axes, centred: false, averaged: false });
  return { axes, direction, kernel: multiply(direction.xhat, g!) };
}

/** x w: the error of ||v|| is the same for all of a unit's weights, so that it scales their sum. */
function product(
  { x, g }: BoundedArrays,
  { xhat, careful, anyOrder }: Standardized,
  options: WeightNormOptions,
) {
  const own = new Bounded(xhat.shape, xhat.values, careful.own, {
    ...xhat,
    anyOrder: anyOrder.own,
  });
  const kernel = multiply(own, g!);
  const convolution = convolutionOf(options);
  const y = convolution ? conv2d(x!, kernel, convolution) : matMul(x!, kernel);
  const widened = (kind: "careful" | "anyOrder") => {
    const { scale } = kind === "careful" ? careful : anyOrder;
    return y[kind].map((bound, i) => {
      const eta = scale[i % scale.length]!;
      return Number.isFinite(y.values[i]) ? bound + eta * (Math.abs(y.values[i]!) + bound) : bound;
    });
  };
  return new Bounded(y.shape, y.values, widened("careful"), {
    ...y,
    anyOrder: widened("anyOrder"),
  });
}

function convolutionOf(
  { kernelSize, strides = [1, 1], padding = "valid" }: WeightNormOptions,
): Convolution | undefined {
  return kernelSize && { kernelSize, strides, padding };
}

function operationBackward(x: Bounded, kernel: Bounded, options: WeightNormOptions, dy: Bounded) {
  const convolution = convolutionOf(options);
  if (convolution) return conv2dBackward(x, kernel, convolution, dy);
  return {
    x: matMul(dy, transpose(kernel, [1, 0])),
    kernel: matMul(transpose(x, [1, 0]), dy),
  };
}

/** y = x w + bias with w = g v / ||v||; dg = sum(dw u), dv = g / ||v|| (dw - u dg). */
export const weightNormOracle: Oracle<WeightNormOptions> = {
  forward(inputs, options) {
    const { bias } = inputs;
    const y = product(inputs, kernelOf(inputs).direction, options);
    return { y: bias ? add(y, bias) : y };
  },
  backward(inputs, options, dy) {
    const { axes, direction, kernel } = kernelOf(inputs);
    const { x, kernel: dw } = operationBackward(inputs["x"]!, kernel, options, dy);
    const dg = sumOfProducts(dw, direction, axes);
    const dv = multiply(
      projectBackward({ dxhat: dw, standardized: direction, averaged: false }),
      inputs["g"]!,
    );
    const dbias = reshape(sum(dy, range(dy.shape.length - 1)), [options.units]);
    return {
      x,
      v: dv,
      g: reshape(dg, [options.units]),
      ...(inputs["bias"] && { bias: dbias }),
    };
  },
};
