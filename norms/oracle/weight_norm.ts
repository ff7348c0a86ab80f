/**
 * Float64 oracle of weight norm, in a dense layer or a convolution.
 *
 * @module
 */
import type { BoundedArrays, Oracle } from "../basics/norm.ts";
import type { WeightNormOptions } from "../basics/options.ts";
import { range } from "../basics/shape.ts";
import {
  add,
  type Bounded,
  divide,
  matMul,
  multiply,
  reshape,
  squareRoot,
  subtract,
  sum,
  transpose,
} from "./bounded.ts";
import { conv2d, conv2dBackward, type Convolution } from "./convolution.ts";

/** w = g u, where u = v / ||v||. */
function kernelOf({ v, g }: BoundedArrays) {
  const axes = range(v!.shape.length - 1);
  const norm = squareRoot(sum(multiply(v!, v!), axes));
  const direction = divide(v!, norm);
  return { axes, norm, direction, kernel: multiply(direction, g!) };
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
    const { x, bias } = inputs;
    const { kernel } = kernelOf(inputs);
    const convolution = convolutionOf(options);
    const product = convolution ? conv2d(x!, kernel, convolution) : matMul(x!, kernel);
    return { y: bias ? add(product, bias) : product };
  },
  backward(inputs, options, dy) {
    const { axes, norm, direction, kernel } = kernelOf(inputs);
    const { x, kernel: dw } = operationBackward(inputs["x"]!, kernel, options, dy);
    const dg = sum(multiply(dw, direction), axes);
    const dv = multiply(
      subtract(dw, multiply(direction, dg)),
      divide(inputs["g"]!, norm),
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
