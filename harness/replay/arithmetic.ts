/**
 * The notebook's forward passes in float64, by the oracle, and in float32, on the tensors of a backend.
 *
 * @module
 */
import { Bounded } from "../../norms/oracle/bounded.ts";
import { batchNorm, batchNormalization } from "../../norms/batch_norm.ts";
import { layerNorm, layerNormalization } from "../../norms/layer_norm.ts";
import type { BoundedArrays } from "../../norms/basics/norm.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { useBackend } from "../backend/active_backend.ts";
import type { BackendName } from "../backend/registry.ts";
import { mapMatrix, matMul, type Matrix, matrix } from "./matrix.ts";

/** Where the records of a backend have its name, those of the oracle have this. */
export const FLOAT64 = "float64";

/** The notebook's epsilon, and its share of the old running statistics. */
export const EPSILON = 1e-5;
export const MOMENTUM = 0.9;

/** The slope of its activation below zero, a leaky ReLU. */
export const LEAK = 0.01;

/** One number of each for every feature. */
export interface Parameters {
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

export interface RunningStatistics {
  readonly movingMean: Float64Array;
  readonly movingVariance: Float64Array;
}

/** A way to compute the notebook's forward passes. */
export interface Arithmetic {
  /** `float64`, or the name of a backend. */
  readonly name: string;
  /** relu(x w1) w2. */
  network(x: Matrix, w1: Matrix, w2: Matrix): Promise<Matrix>;
  /** Batch norm in a training step or a prediction, and the running statistics after it. */
  batchNorm(
    x: Matrix,
    parameters: Parameters,
    statistics: RunningStatistics,
    training: boolean,
  ): Promise<{ y: Matrix } & RunningStatistics>;
  /** Layer norm over the features. */
  layerNorm(x: Matrix, parameters: Parameters): Promise<Matrix>;
}

/** A matrix or a vector for the oracle. */
export function exact(x: Matrix | Float64Array): Bounded {
  return x instanceof Float64Array
    ? Bounded.exact(x, [x.length])
    : Bounded.exact(x.values, x.shape);
}

function exactAll(vectors: Readonly<Record<string, Float64Array>>): BoundedArrays {
  return Object.fromEntries(Object.entries(vectors).map(([name, each]) => [name, exact(each)]));
}

/** The norms' float64 oracle, and float64 matrix products. */
export const oracleArithmetic: Arithmetic = {
  name: FLOAT64,
  network: (x, w1, w2) =>
    Promise.resolve(matMul(mapMatrix(matMul(x, w1), (value) => Math.max(0, value)), w2)),
  batchNorm(x, parameters, statistics, training) {
    const { y, movingMean, movingVariance } = batchNorm.oracle.forward(
      { x: exact(x), ...exactAll({ ...parameters, ...statistics }) },
      { epsilon: EPSILON, momentum: MOMENTUM, training },
    );
    return Promise.resolve({
      y: matrix(x.shape, y!.values),
      movingMean: movingMean!.values,
      movingVariance: movingVariance!.values,
    });
  },
  layerNorm(x, parameters) {
    const inputs = { x: exact(x), ...exactAll({ ...parameters }) };
    const { y } = layerNorm.oracle.forward(inputs, { epsilon: EPSILON });
    return Promise.resolve(matrix(x.shape, y!.values));
  },
};

/** This library's norms on tensors of a backend, in float32. */
export function tensorArithmetic(backend: BackendName): Arithmetic {
  const onBackend = async (compute: () => Record<string, Tensor>) => {
    await useBackend(backend);
    const results = tf.tidy(compute);
    const entries = Object.entries(results).map(async ([name, tensor]) =>
      [name, Float64Array.from(await tensor.data())] as const
    );
    const values = Object.fromEntries(await Promise.all(entries));
    tf.dispose(results);
    return values;
  };
  return {
    name: backend,
    async network(x, w1, w2) {
      const { y } = await onBackend(() => ({
        y: tf.matMul(tf.relu(tf.matMul(tensor(x), tensor(w1))), tensor(w2)),
      }));
      return matrix([x.shape[0], w2.shape[1]], y!);
    },
    async batchNorm(x, { gamma, beta }, { movingMean, movingVariance }, training) {
      const results = await onBackend(() => ({
        ...batchNormalization(tensor(x), {
          gamma: vector(gamma),
          beta: vector(beta),
          movingMean: vector(movingMean),
          movingVariance: vector(movingVariance),
          epsilon: EPSILON,
          momentum: MOMENTUM,
          training,
        }),
      }));
      return {
        y: matrix(x.shape, results["y"]!),
        movingMean: results["movingMean"]!,
        movingVariance: results["movingVariance"]!,
      };
    },
    async layerNorm(x, { gamma, beta }) {
      const { y } = await onBackend(() => ({
        y: layerNormalization(tensor(x), {
          gamma: vector(gamma),
          beta: vector(beta),
          epsilon: EPSILON,
        }),
      }));
      return matrix(x.shape, y!);
    },
  };
}

function tensor({ shape, values }: Matrix): Tensor {
  return tf.tensor(Float32Array.from(values), [...shape]);
}

function vector(values: Float64Array): Tensor {
  return tf.tensor(Float32Array.from(values));
}
