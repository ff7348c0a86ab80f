/**
 * N 1, 2 and 5: what batch and layer norm do to the statistics of a small network's output.
 *
 * @module
 */
import { NOTEBOOK } from "./record.ts";
import { RandomState } from "../../fixtures/numpy_random.ts";
import type { Arithmetic, Parameters, RunningStatistics } from "./arithmetic.ts";
import { type Matrix, matrix, moments } from "./matrix.ts";
import type { Measurement } from "./measurement.ts";

/** Features of the data, of the hidden layer and of the output. */
const [D1, D2, D3] = [50, 60, 3];
const SAMPLES = 200;

/** Samples for layer norm. */
const FEW_SAMPLES = 4;

/** Training steps before the test. */
const STEPS = 50;

function randn(random: RandomState, rows: number, columns: number): Matrix {
  return matrix([rows, columns], random.randn(rows, columns));
}

/** The same gamma and beta for every feature. */
function uniform(gamma: number, beta: number): Parameters {
  return { gamma: new Float64Array(D3).fill(gamma), beta: new Float64Array(D3).fill(beta) };
}

/** Zeros, as the notebook's running statistics start, the variance too. */
function noStatistics() {
  return { movingMean: new Float64Array(D3), movingVariance: new Float64Array(D3) };
}

/** The network's output on one batch, all of it drawn anew. */
function output(random: RandomState, samples: number, { network }: Arithmetic): Promise<Matrix> {
  const x = randn(random, samples, D1);
  const w1 = randn(random, D1, D2);
  return network(x, w1, randn(random, D2, D3));
}

/** Means and deviations as two figures. */
function figures(a: Matrix, axis: 0 | 1, when: string): Measurement[] {
  const { means, deviations } = moments(a, axis);
  return [
    { figure: `means ${when}`, values: means },
    { figure: `deviations ${when}`, values: deviations },
  ];
}

/** N 1: the statistics of each feature before batch norm in training, after it, and after gamma and beta. */
export async function batchNormStatistics(arithmetic: Arithmetic): Promise<Measurement[]> {
  const a = await output(new RandomState(NOTEBOOK.seed), SAMPLES, arithmetic);
  const train = async (parameters: Parameters) =>
    (await arithmetic.batchNorm(a, parameters, noStatistics(), true)).y;
  const scaled = { gamma: Float64Array.of(1, 2, 3), beta: Float64Array.of(11, 12, 13) };
  return [
    ...figures(a, 0, "before batch norm"),
    ...figures(await train(uniform(1, 0)), 0, "after batch norm"),
    ...figures(await train(scaled), 0, "after gamma and beta"),
  ];
}

/** N 2: batch norm in prediction, with the running statistics of fifty training steps. */
export async function testModeStatistics(arithmetic: Arithmetic): Promise<Measurement[]> {
  const random = new RandomState(NOTEBOOK.seed);
  const w1 = randn(random, D1, D2);
  const w2 = randn(random, D2, D3);
  const forward = () => arithmetic.network(randn(random, SAMPLES, D1), w1, w2);
  let statistics: RunningStatistics = noStatistics();
  for (let step = 0; step < STEPS; step++) {
    statistics = await arithmetic.batchNorm(await forward(), uniform(1, 0), statistics, true);
  }
  const { y } = await arithmetic.batchNorm(await forward(), uniform(1, 0), statistics, false);
  return figures(y, 0, "in test mode");
}

/** N 5: the statistics of each sample before layer norm, after it, and after gamma and beta. */
export async function layerNormStatistics(arithmetic: Arithmetic): Promise<Measurement[]> {
  const a = await output(new RandomState(NOTEBOOK.seed), FEW_SAMPLES, arithmetic);
  return [
    ...figures(a, 1, "before layer norm"),
    ...figures(await arithmetic.layerNorm(a, uniform(1, 0)), 1, "after layer norm"),
    ...figures(await arithmetic.layerNorm(a, uniform(3, 5)), 1, "after gamma 3 and beta 5"),
  ];
}
