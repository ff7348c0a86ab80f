/**
 * Float64 oracle of every norm that standardizes: batch, layer, group, instance.
 *
 * @module
 */
import type { Arrangement } from "../basics/arrangement.ts";
import type { BoundedArrays } from "../basics/norm.ts";
import { broadcastAxes } from "../basics/shape.ts";
import { type Arithmetic, quantum, UNIT_ROUNDOFF } from "./arithmetic.ts";
import { add, Bounded, multiply, reshape, sum, transpose } from "./bounded.ts";
import { standardize } from "./group_statistics.ts";
import type { Standardized } from "./standardized.ts";
import { projectBackward, sumOfProducts } from "./standardized_gradients.ts";

/** A parameter in the shape that broadcasts onto the arrangement's view. */
export function arrangeParameter(
  parameter: Bounded | undefined,
  { parameterPermutation, parameterView }: Arrangement,
): Bounded | undefined {
  if (parameter === undefined) return undefined;
  return reshape(transpose(parameter, parameterPermutation), parameterView);
}

/** The gradient of an arranged parameter, back in the shape that the user holds. */
function restoreParameter(
  gradient: Bounded,
  { parameterShape, parameterPermutation }: Arrangement,
): Bounded {
  const ascending = parameterPermutation.map((axis) => parameterShape[axis]!);
  const inverse = parameterPermutation.map((_, axis) => parameterPermutation.indexOf(axis));
  return transpose(reshape(gradient, ascending), inverse);
}

/** gamma xhat + beta, leaving out what is switched off. */
export function affineForward(
  standardized: Standardized,
  { gamma, beta }: BoundedArrays,
  arrangement: Arrangement,
): Bounded {
  const { xhat } = standardized;
  const arrangedGamma = arrangeParameter(gamma, arrangement);
  const arrangedBeta = arrangeParameter(beta, arrangement);
  const scaled = arrangedGamma === undefined
    ? xhat
    : scaledBeforeDivision(multiply(xhat, arrangedGamma), standardized);
  if (arrangedBeta === undefined) return scaled;
  return add(scaled, foldedBeta(arrangedBeta, xhat.arithmetic));
}

/** gamma x / deviation, whose product with gamma may underflow before it is divided. */
function scaledBeforeDivision(y: Bounded, { deviation, groups }: Standardized): Bounded {
  const underflows = deviation.values.map((s) => quantum(y.arithmetic) / s);
  const anyOrder = y.anyOrder.map((bound, i) => bound + underflows[groups[i]!]!);
  return new Bounded(y.shape, y.values, y.careful, { ...y, anyOrder });
}

/** beta as part of beta - mean gamma / deviation, which rounds once more, where norms are folded. */
function foldedBeta(beta: Bounded, { basic }: Arithmetic): Bounded {
  const anyOrder = beta.anyOrder.map((bound, i) =>
    bound + basic * UNIT_ROUNDOFF * Math.abs(beta.values[i]!)
  );
  return new Bounded(beta.shape, beta.values, beta.careful, { ...beta, anyOrder });
}

/** Gradients of gamma and beta, and the one that reaches xhat. */
export function affineBackward(
  standardized: Standardized,
  { gamma, beta }: BoundedArrays,
  arrangement: Arrangement,
  dy: Bounded,
): { readonly dxhat: Bounded; readonly parameters: BoundedArrays } {
  const arrangedGamma = arrangeParameter(gamma, arrangement);
  const axes = broadcastAxes(arrangement.parameterView, dy.shape);
  return {
    dxhat: arrangedGamma === undefined ? dy : multiply(dy, arrangedGamma),
    parameters: {
      ...(gamma && {
        gamma: restoreParameter(sumOfProducts(dy, standardized, axes), arrangement),
      }),
      ...(beta && { beta: restoreParameter(sum(dy, axes), arrangement) }),
    },
  };
}

/** y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with its statistics. */
export function standardizationForward(
  inputs: BoundedArrays,
  arrangement: Arrangement,
  epsilon: number,
) {
  const x = inputs["x"]!;
  const { axes, shape } = arrangement;
  const standardized = standardize(reshape(x, shape), { axes, epsilon });
  const { mean, variance } = standardized;
  return { y: reshape(affineForward(standardized, inputs, arrangement), x.shape), mean, variance };
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
  const standardized = standardize(reshape(x, shape), { axes, epsilon });
  const { dxhat, parameters } = affineBackward(
    standardized,
    inputs,
    arrangement,
    reshape(dy, shape),
  );
  return { x: reshape(projectBackward({ dxhat, standardized }), x.shape), ...parameters };
}
