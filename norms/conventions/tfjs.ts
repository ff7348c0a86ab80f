/**
 * The norms of `tf.layers` in TensorFlow.js 4.22.0, which has batch and layer norm.
 *
 * What it gets wrong is in docs/results.md; where the data can be laid out so that it is right, they are.
 *
 * @module
 */
import { range, resolveAxes } from "../basics/shape.ts";
import {
  axesLast,
  checkRank,
  type Conventions,
  type FilledCase,
  fillIn,
  reordered,
  type Spelling,
  statisticsWarning,
} from "./conventions.ts";
import { ascending, listed, sorted } from "./keras.ts";

const STANDARDIZATION = { axis: -1 as number | number[], epsilon: 1e-3, scale: true, center: true };

function unlearned(layer: string, { options: { scale, center } }: FilledCase): string[] {
  return scale && center ? [] : [
    `${layer} has no gradient without scale or center: keep both, as 1 and 0, and do not train them`,
  ];
}

function batch(of: FilledCase): Spelling {
  const { axes, shape: { length: rank }, options } = of;
  const { epsilon, scale, center, momentum, unbiasedVariance, training, trainable } = options;
  const layer = "batchNormalization";
  checkRank(layer, of, [2, 3, 4]);
  const order = axesLast(rank, axes);
  return {
    layer,
    options: {
      ...{ axis: -1, momentum, epsilon, scale, center },
      ...(!trainable && { trainable }),
    },
    call: `layer.apply(x, { training: ${training && trainable} })`,
    places: {
      x: reordered("x", order),
      y: reordered("y", order),
      ...(scale && { gamma: { name: "gamma" } }),
      ...(center && { beta: { name: "beta" } }),
      movingMean: { name: "moving_mean" },
      movingVariance: { name: "moving_variance" },
    },
    running: { momentum: "kept", variance: "biased" },
    warnings: [
      ...(order.every((axis, i) => axis === i) ? [] : [
        "batchNormalization is wrong where channels are not the last axis: transpose the data, as " +
        "the places of x and y say",
      ]),
      ...(trainable ? [] : [
        "a frozen batchNormalization still normalizes with the batch, and moves its running " +
        "statistics, when it is called with training: true, as fit() does; call it with false",
      ]),
      ...(unbiasedVariance
        ? [
          "tf.layers follows the biased variance: unbiasedVariance: true has no equal. What a " +
          "training has gathered can be carried over; further steps differ by n/(n-1)",
        ]
        : []),
      ...(training && trainable ? unlearned(layer, of) : []),
    ],
  };
}

function perSample(of: FilledCase): Spelling {
  const { axes, shape, options: { epsilon, scale, center } } = of;
  const layer = "layerNormalization";
  checkRank(layer, of, [2, 3, 4]);
  return {
    layer,
    // Out of order it scrambles gamma and beta.
    options: { axis: ascending(axes, shape), epsilon, scale, center },
    call: "layer.apply(x)",
    places: {
      x: { name: "x" },
      y: { name: "y" },
      ...(scale && { gamma: sorted("gamma", axes) }),
      ...(center && { beta: sorted("beta", axes) }),
    },
    warnings: [...unlearned(layer, of), ...statisticsWarning(layer, of)],
  };
}

/** TensorFlow.js. */
export const TFJS: Conventions = {
  title: "tf.layers of TensorFlow.js 4.22.0",
  norms: { batch, layer: perSample },
  layers: {
    batchNormalization(foreign) {
      const defaults = { momentum: 0.99, ...STANDARDIZATION, trainable: true };
      const { trainable, ...options } = fillIn(foreign, defaults, "name", "dtype");
      return {
        norm: "batch",
        shape: foreign.shape,
        options: { ...options, ...(!trainable && { trainable }) },
      };
    },
    layerNormalization(foreign) {
      const { axis, ...options } = fillIn(foreign, STANDARDIZATION, "name", "dtype");
      const { length: rank } = foreign.shape;
      const axes = resolveAxes(axis, rank);
      if (axes.some((each, i) => i > 0 && each < axes[i - 1]!)) {
        throw new RangeError(
          `layerNormalization with axis [${axes}] scrambles gamma and beta: no norm does the same`,
        );
      }
      return {
        norm: "layer",
        shape: foreign.shape,
        options: { ...listed({ axis }, range(rank)), ...options },
      };
    },
  },
};
