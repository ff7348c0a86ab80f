/**
 * N 3 and 4: the norms' gradients against differences, and two backward passes against each other.
 *
 * @module
 */
import { NOTEBOOK } from "./record.ts";
import { RandomState } from "../../fixtures/numpy_random.ts";
import { layerNorm } from "../../norms/layer_norm.ts";
import { median } from "../../reports/statistics.ts";
import { type Arrays, gradientErrors, relativeError } from "../gradcheck/float64.ts";
import { EPSILON, exact, oracleArithmetic, type Parameters } from "./arithmetic.ts";
import {
  type BackwardPass,
  type Cache,
  forward,
  simplified,
  stepByStep,
} from "./batch_norm_passes.ts";
import { type Matrix, matrix } from "./matrix.ts";
import type { Measurement } from "./measurement.ts";

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
): Promise<Measurement[]> {
  const errors = await gradientErrors(
    ({ x: moved, gamma, beta }) => f(matrix(x.shape, moved!), { gamma: gamma!, beta: beta! }),
    { x: x.values, gamma, beta },
    gradients,
    dy.values,
  );
  return Object.entries(errors).map(([name, error]) => ({
    figure: `error of d${name}, ${norm}`,
    values: [error],
  }));
}

/** N 3: batch norm step by step and simplified, and layer norm, against central differences. */
export async function gradientChecks(): Promise<Measurement[]> {
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
    ...await check("batch norm step by step", inputs, batch, { ...stepByStep(cache, dy) }),
    ...await check("batch norm simplified", inputs, batch, { ...simplified(cache, dy) }),
    ...await check(
      "layer norm",
      inputs,
      layer,
      Object.fromEntries(
        Object.entries(layerGradients).map(([name, gradient]) => [name, gradient.values]),
      ),
    ),
  ];
}

/** Pairs of runs that the ratio of times is the median of. */
const PAIRS = 15;

/** N 4: how far the two backward passes of batch norm are apart, and how many times faster the second is. */
export function twoBackwardPasses(): Promise<Measurement[]> {
  const inputs = drawInputs(100, 500);
  const { cache } = forward(inputs.x, inputs);
  const [long, short] = [stepByStep(cache, inputs.dy), simplified(cache, inputs.dy)];
  const differences = (["x", "gamma", "beta"] as const).map((name) => ({
    figure: `difference of d${name}`,
    values: [relativeError(long[name], short[name])],
  }));
  return Promise.resolve([
    ...differences,
    { figure: "times faster, simplified", values: [timesFaster(cache, inputs.dy)] },
  ]);
}

/** The median over pairs of runs, one right after the other, so that both meet the same machine. */
function timesFaster(cache: Cache, dy: Matrix): number {
  const time = (backward: BackwardPass) => {
    const start = performance.now();
    backward(cache, dy);
    return performance.now() - start;
  };
  const ratios = Array.from({ length: PAIRS }, () => time(stepByStep) / time(simplified));
  return median(ratios);
}
