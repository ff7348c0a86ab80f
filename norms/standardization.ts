/**
 * Makes the record of a norm that standardizes under an arrangement and keeps no state.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { Arrangement } from "./arrangement.ts";
import type { Implementation, Norm, Tensors } from "./norm.ts";
import { affineSpecs, arrange, dataSpec } from "./parameters.ts";
import type { Shape } from "./shape.ts";
import {
  analyticSimplified,
  composed,
  type Standardize,
  type Standardized,
} from "./standardize.ts";
import { checkEpsilon, DEFAULT_EPSILON, type StandardizationOptions } from "./options.ts";
import { layerSubject } from "./subject.ts";
import { standardizationBackward, standardizationForward } from "./oracle/standardization.ts";

/** Views `x`, gamma and beta as the arrangement has them, standardizes, and gives `y` the shape of `x`. */
export function standardizeArranged(
  standardize: Standardize,
  { x, gamma, beta }: Tensors,
  arrangement: Arrangement,
  epsilon: number,
): Standardized {
  const { y, mean, variance } = standardize({
    x: tf.reshape(x!, [...arrangement.shape]),
    gamma: arrange(gamma, arrangement),
    beta: arrange(beta, arrangement),
    axes: arrangement.axes,
    epsilon,
  });
  return { y: tf.reshape(y, x!.shape), mean, variance };
}

/** The fields in which one such norm differs from another. */
export interface StandardizationDefinition<O extends StandardizationOptions> {
  readonly name: string;
  readonly title: string;
  readonly formula: string;
  readonly source: string;
  /** The layout for data of this shape. */
  arrangement(shape: Shape, options: O): Arrangement;
  /** The layer of `tf.layers` that computes the same. */
  reference(options: O, shape: Shape): tf.layers.Layer;
}

/** The record of a norm without state. */
export function standardizationNorm<O extends StandardizationOptions>(
  { name, title, formula, source, arrangement, reference }: StandardizationDefinition<O>,
): Norm<O> {
  const implementation = (standardize: Standardize): Implementation<O> => (inputs, options) => {
    const { epsilon = DEFAULT_EPSILON } = options;
    const layout = arrangement(inputs["x"]!.shape, options);
    return { y: standardizeArranged(standardize, inputs, layout, epsilon).y };
  };
  return {
    name,
    title,
    formula,
    source,
    normalized: "x",
    inputs(shape, options) {
      checkEpsilon(options.epsilon ?? DEFAULT_EPSILON);
      return [dataSpec(shape), ...affineSpecs(arrangement(shape, options).parameterShape, options)];
    },
    groups: (shape, options) => arrangement(shape, options),
    implementations: {
      composed: implementation(composed),
      analytic: implementation(analyticSimplified),
    },
    oracle: {
      forward: (inputs, options) => ({
        y: standardizationForward(
          inputs,
          arrangement(inputs["x"]!.shape, options),
          options.epsilon ?? DEFAULT_EPSILON,
        ).y,
      }),
      backward: (inputs, options, dy) =>
        standardizationBackward(
          inputs,
          arrangement(inputs["x"]!.shape, options),
          options.epsilon ?? DEFAULT_EPSILON,
          dy,
        ),
    },
    references: { "tf.layers": layerSubject(reference) },
    traffic: { forward: 2, backward: 3 },
  };
}
