/**
 * N3 and N4: the norms' gradients against central differences, and the two backward passes of batch norm
 * that the notebook derives by hand, in float64.
 *
 * @module
 */
import { RandomState } from "../../fixtures/numpy_random.ts";
import type { BoundedArrays } from "../../norms/basics/norm.ts";
import { layerNorm } from "../../norms/layer_norm.ts";
import { median } from "../../reports/statistics.ts";
import { type Arrays, gradientErrors, relativeError } from "../gradcheck/float64.ts";
import { EPSILON, exact, oracleArithmetic, type Parameters } from "./arithmetic.ts";
import { columnSums, type Matrix, matrix, moments, zipColumns, zipMatrices } from "./matrix.ts";
import { type Printout, TIMES_FASTER } from "./published.ts";
import { NOTEBOOK } from "./record.ts";

/** The inputs of a norm, and the gradient that reaches its output. */
interface Inputs extends Parameters {
  readonly x: Matrix;
  readonly dy: Matrix;
}

/** Seed 220; x = 5 randn + 12, gamma, beta, dy = randn, drawn in this order. */
function drawInputs(samples: number, features: number): Inputs {
  const random = new RandomState(NOTEBOOK.seed);
  return {
    x: matrix([samples, features], random.randn(samples, features).map((z) => 5 * z + 12)),
    gamma: random.randn(features),
    beta: random.randn(features),
    dy: matrix([samples, features], random.randn(samples, features)),
  };
}

/** A norm forward, as a function of arrays by name. */
type Forward = (x: Matrix, parameters: Parameters) => Float64Array | Promise<Float64Array>;

async function check(
  norm: string,
  { x, gamma, beta, dy }: Inputs,
  f: Forward,
  gradients: Arrays,
): Promise<Printout[]> {
  const errors = await gradientErrors(
    ({ x: moved, gamma, beta }) => f(matrix(x.shape, moved!), { gamma: gamma!, beta: beta! }),
    { x: x.values, gamma, beta },
    gradients,
    dy.values,
  );
  return Object.entries(errors).map(([name, error]) => ({
    name: `error of d${name}, ${norm}`,
    values: [error],
  }));
}

/** N3: batch norm step by step, and layer norm, against central differences. */
export async function gradientChecks(): Promise<Printout[]> {
  const inputs = drawInputs(4, 5);
  const { x, gamma, beta, dy } = inputs;
  const { cache } = forward(x, inputs);
  const batch: Forward = (x, parameters) => forward(x, parameters).y.values;
  const layer: Forward = async (x, parameters) =>
    (await oracleArithmetic.layerNorm(x, parameters)).values;
  const layerGradients = layerNorm.oracle.backward(
    { x: exact(x), gamma: exact(gamma), beta: exact(beta) },
    { epsilon: EPSILON },
    exact(dy),
  );
  return [
    ...await check("batch norm", inputs, batch, { ...stepByStep(cache, dy) }),
    ...await check("layer norm", inputs, layer, valuesOf(layerGradients)),
  ];
}

function valuesOf(arrays: BoundedArrays): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, { values }]) => [name, values]));
}

/** Pairs of runs that the ratio of times is the median of. */
const PAIRS = 15;

/** N4: the difference of batch norm's two backward passes, and how many times faster the second is. */
export function twoBackwardPasses(): Promise<Printout[]> {
  const inputs = drawInputs(100, 500);
  const { cache } = forward(inputs.x, inputs);
  const [long, short] = [stepByStep(cache, inputs.dy), simplified(cache, inputs.dy)];
  const differences = (["x", "gamma", "beta"] as const).map((name) => ({
    name: `difference of d${name}`,
    values: [relativeError(long[name], short[name])],
  }));
  return Promise.resolve([
    ...differences,
    { name: TIMES_FASTER, values: [timesFaster(cache, inputs.dy)] },
  ]);
}

/** The median over pairs of runs, one right after the other, so that both see the same machine. */
function timesFaster(cache: Cache, dy: Matrix): number {
  const time = (backward: BackwardPass) => {
    const start = performance.now();
    backward(cache, dy);
    return performance.now() - start;
  };
  const ratios = Array.from({ length: PAIRS }, () => time(stepByStep) / time(simplified));
  return median(ratios);
}

/** What the backward passes need of the forward pass. */
interface Cache {
  readonly centred: Matrix;
  readonly xhat: Matrix;
  /** sqrt(variance + epsilon) of each feature. */
  readonly deviation: Float64Array;
  readonly gamma: Float64Array;
}

/** Gradients of sum(y dy). */
interface BatchNormGradients {
  readonly x: Float64Array;
  readonly gamma: Float64Array;
  readonly beta: Float64Array;
}

type BackwardPass = (cache: Cache, dy: Matrix) => BatchNormGradients;

const times = (a: number, b: number) => a * b;
const plus = (a: number, b: number) => a + b;
const over = (a: number, b: number) => a / b;

/** Forward in training, y = gamma xhat + beta, with what the way back needs. */
export function forward(x: Matrix, { gamma, beta }: Parameters): { y: Matrix; cache: Cache } {
  const { means, variances } = moments(x, 0);
  const deviation = Float64Array.from(variances, (variance) => Math.sqrt(variance + EPSILON));
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

/** The same simplified: dx = gamma / deviation (dy - mean(dy) - xhat mean(dy xhat)). */
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
