/**
 * Float64 oracle of every norm that standardizes: batch, layer, group, instance.
 *
 * @module
 */
import type { Arrangement } from "../basics/arrangement.ts";
import type { BoundedArrays } from "../basics/norm.ts";
import { broadcastAxes } from "../basics/shape.ts";
import {
  add,
  Bounded,
  divide,
  mean,
  meanSquareOfCentred,
  multiply,
  reshape,
  squareRoot,
  subtract,
  sum,
  transpose,
} from "./bounded.ts";

/** A parameter in the shape that broadcasts onto the arrangement's view. */
export function arrangeParameter(
  parameter: Bounded | undefined,
  { parameterPermutation, parameterView }: Arrangement,
): Bounded | undefined {
  if (parameter === undefined) return undefined;
  return reshape(transpose(parameter, parameterPermutation), parameterView);
}

/** The gradient of an arranged parameter, back in the shape that the user holds. */
function restoreParameter(gradient: Bounded, arrangement: Arrangement): Bounded {
  const { parameterShape, parameterPermutation, parameterView } = arrangement;
  const ascending = parameterPermutation.map((axis) => parameterShape[axis]!);
  const inverse = parameterPermutation.map((_, axis) => parameterPermutation.indexOf(axis));
  const summed = sum(gradient, broadcastAxes(parameterView, gradient.shape));
  return transpose(reshape(summed, ascending), inverse);
}

/** gamma xhat + beta, leaving out what is switched off. */
export function affineForward(
  xhat: Bounded,
  { gamma, beta }: BoundedArrays,
  arrangement: Arrangement,
): Bounded {
  const arrangedGamma = arrangeParameter(gamma, arrangement);
  const arrangedBeta = arrangeParameter(beta, arrangement);
  const scaled = arrangedGamma === undefined ? xhat : multiply(xhat, arrangedGamma);
  return arrangedBeta === undefined ? scaled : add(scaled, arrangedBeta);
}

/** Gradients of gamma and beta, and the one that reaches xhat. */
export function affineBackward(
  xhat: Bounded,
  { gamma, beta }: BoundedArrays,
  arrangement: Arrangement,
  dy: Bounded,
): { readonly dxhat: Bounded; readonly parameters: BoundedArrays } {
  const arrangedGamma = arrangeParameter(gamma, arrangement);
  return {
    dxhat: arrangedGamma === undefined ? dy : multiply(dy, arrangedGamma),
    parameters: {
      ...(gamma && { gamma: restoreParameter(multiply(dy, xhat), arrangement) }),
      ...(beta && { beta: restoreParameter(dy, arrangement) }),
    },
  };
}

function statistics(x: Bounded, axes: readonly number[], epsilon: number) {
  const mu = mean(x, axes);
  const centred = subtract(x, mu);
  const variance = meanSquareOfCentred(centred, mu, axes);
  const deviation = squareRoot(add(variance, Bounded.constant(epsilon)));
  return { mean: mu, variance, deviation, xhat: divide(centred, deviation) };
}

/** y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with its statistics. */
export function standardizationForward(
  inputs: BoundedArrays,
  arrangement: Arrangement,
  epsilon: number,
) {
  const x = inputs["x"]!;
  const { mean, variance, xhat } = statistics(
    reshape(x, arrangement.shape),
    arrangement.axes,
    epsilon,
  );
  return { y: reshape(affineForward(xhat, inputs, arrangement), x.shape), mean, variance };
}

/** dx = (dxhat - mean(dxhat) - xhat mean(dxhat xhat)) / sqrt(variance + epsilon), dgamma, dbeta. */
export function standardizationBackward(
  inputs: BoundedArrays,
  arrangement: Arrangement,
  epsilon: number,
  dy: Bounded,
): BoundedArrays {
  const x = inputs["x"]!;
  const { axes, shape } = arrangement;
  const { xhat, deviation } = statistics(reshape(x, shape), axes, epsilon);
  const { dxhat, parameters } = affineBackward(xhat, inputs, arrangement, reshape(dy, shape));
  const projection = multiply(xhat, mean(multiply(dxhat, xhat), axes));
  const dx = divide(subtract(subtract(dxhat, mean(dxhat, axes)), projection), deviation);
  return { x: reshape(dx, x.shape), ...parameters };
}
