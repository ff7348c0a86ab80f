/**
 * Batch norm's two backward passes in float64, as one derives them with pencil and paper.
 *
 * @module
 */
import { EPSILON, type Parameters } from "./arithmetic.ts";
import { columnSums, type Matrix, moments, zipColumns, zipMatrices } from "./matrix.ts";

/** What the backward passes need of the forward pass. */
export interface Cache {
  readonly centred: Matrix;
  readonly xhat: Matrix;
  /** sqrt(variance + epsilon) of each feature. */
  readonly deviation: Float64Array;
  readonly gamma: Float64Array;
}

/** Gradients of sum(y dy). */
export interface BatchNormGradients {
  readonly x: Float64Array;
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

/** A backward pass. */
export type BackwardPass = (cache: Cache, dy: Matrix) => BatchNormGradients;

const times = (a: number, b: number) => a * b;
const plus = (a: number, b: number) => a + b;
const over = (a: number, b: number) => a / b;

/** Forward in training, y = gamma xhat + beta, with what the way back needs. */
export function forward(x: Matrix, { gamma, beta }: Parameters): { y: Matrix; cache: Cache } {
  const { means, deviations } = moments(x, 0);
  const deviation = Float64Array.from(deviations, (sigma) => Math.sqrt(sigma ** 2 + EPSILON));
  const centred = zipColumns(x, Float64Array.from(means), (value, mean) => value - mean);
  const xhat = zipColumns(centred, deviation, over);
  const y = zipColumns(zipColumns(xhat, gamma, times), beta, plus);
  return { y, cache: { centred, xhat, deviation, gamma } };
}

/** Back through the graph of the forward pass, one node after the other. */
export const stepByStep: BackwardPass = ({ centred, xhat, deviation, gamma }, dy) => {
  const count = dy.shape[0];
  const dxhat = zipColumns(dy, gamma, times);
  // xhat = centred (1 / deviation)
  const dinverse = columnSums(zipMatrices(dxhat, centred, times));
  const fromXhat = zipColumns(dxhat, deviation, over);
  // 1 / deviation, deviation = sqrt(variance + epsilon), variance = mean(centred^2)
  const ddeviation = dinverse.map((d, j) => -d / deviation[j]! ** 2);
  const dvariance = ddeviation.map((d, j) => d / (2 * deviation[j]!));
  const fromVariance = zipColumns(centred, dvariance, (value, d) => 2 * value * d / count);
  // centred = x - mean(x)
  const dcentred = zipMatrices(fromXhat, fromVariance, plus);
  const dmean = columnSums(dcentred).map((sum) => -sum);
  const dx = zipColumns(dcentred, dmean, (d, mean) => d + mean / count);
  return { x: dx.values, ...parameterGradients(xhat, dy) };
};

/** What is left of the graph: dx = gamma / deviation (dy - mean(dy) - xhat mean(dy xhat)). */
export const simplified: BackwardPass = ({ xhat, deviation, gamma }, dy) => {
  const count = dy.shape[0];
  const parameters = parameterGradients(xhat, dy);
  const centred = zipColumns(dy, parameters.beta, (d, sum) => d - sum / count);
  const projection = zipColumns(xhat, parameters.gamma, (value, sum) => value * sum / count);
  const scale = gamma.map((g, j) => g / deviation[j]!);
  const dx = zipColumns(zipMatrices(centred, projection, (a, b) => a - b), scale, times);
  return { x: dx.values, ...parameters };
};

function parameterGradients(xhat: Matrix, dy: Matrix) {
  return { gamma: columnSums(zipMatrices(dy, xhat, times)), beta: columnSums(dy) };
}
