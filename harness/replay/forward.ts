/**
 * N1, N2 and N5: what batch and layer norm do to the statistics of a small network's output.
 *
 * @module
 */
import { breathe } from "../../norms/basics/event_loop.ts";
import { RandomState } from "../../fixtures/numpy_random.ts";
import type { Arithmetic, Parameters, RunningStatistics } from "./arithmetic.ts";
import { type Matrix, matrix, moments } from "./matrix.ts";
import type { Printout } from "./published.ts";
import { NOTEBOOK } from "./record.ts";

/** Features of the data, of the hidden layer and of the output. */
const [D1, D2, D3] = [50, 60, 3];
const BATCH_NORM_SAMPLES = 200;
const LAYER_NORM_SAMPLES = 4;

/** Training steps before the test. */
const STEPS = 50;

/** N1: the statistics of each feature before batch norm in training, after it, and after gamma and beta. */
export async function batchNormStatistics(arithmetic: Arithmetic): Promise<Printout[]> {
  const a = await networkOutput(BATCH_NORM_SAMPLES, arithmetic);
  const train = async (parameters: Parameters) =>
    (await arithmetic.batchNorm(a, parameters, zeroStatistics(), true)).y;
  const scaled = { gamma: Float64Array.of(1, 2, 3), beta: Float64Array.of(11, 12, 13) };
  return [
    ...statistics(a, 0, "before batch norm"),
    ...statistics(await train(uniform(1, 0)), 0, "after batch norm"),
    ...statistics(await train(scaled), 0, "after gamma and beta"),
  ];
}

/** N2: batch norm in prediction, with the running statistics of fifty training steps. */
export async function testModeStatistics(arithmetic: Arithmetic): Promise<Printout[]> {
  const random = new RandomState(NOTEBOOK.seed);
  const w1 = randn(random, D1, D2);
  const w2 = randn(random, D2, D3);
  const forward = () => arithmetic.network(randn(random, BATCH_NORM_SAMPLES, D1), w1, w2);
  let running: RunningStatistics = zeroStatistics();
  for (let step = 0; step < STEPS; step++) {
    await breathe();
    running = await arithmetic.batchNorm(await forward(), uniform(1, 0), running, true);
  }
  const { y } = await arithmetic.batchNorm(await forward(), uniform(1, 0), running, false);
  return statistics(y, 0, "in test mode");
}

/** N5: the statistics of each sample before layer norm, after it, and after gamma and beta. */
export async function layerNormStatistics(arithmetic: Arithmetic): Promise<Printout[]> {
  const a = await networkOutput(LAYER_NORM_SAMPLES, arithmetic);
  return [
    ...statistics(a, 1, "before layer norm"),
    ...statistics(await arithmetic.layerNorm(a, uniform(1, 0)), 1, "after layer norm"),
    ...statistics(await arithmetic.layerNorm(a, uniform(3, 5)), 1, "after gamma 3 and beta 5"),
  ];
}

/** The network's output on one batch, from the notebook's seed. */
function networkOutput(samples: number, { network }: Arithmetic): Promise<Matrix> {
  const random = new RandomState(NOTEBOOK.seed);
  const x = randn(random, samples, D1);
  const w1 = randn(random, D1, D2);
  return network(x, w1, randn(random, D2, D3));
}

function statistics(a: Matrix, axis: 0 | 1, when: string): Printout[] {
  const { means, deviations } = moments(a, axis);
  return [
    { name: `means ${when}`, values: means },
    { name: `deviations ${when}`, values: deviations },
  ];
}

function randn(random: RandomState, rows: number, columns: number): Matrix {
  return matrix([rows, columns], random.randn(rows, columns));
}

function uniform(gamma: number, beta: number): Parameters {
  return { gamma: new Float64Array(D3).fill(gamma), beta: new Float64Array(D3).fill(beta) };
}

/** How the notebook's running statistics start: the variance is zero, too. */
function zeroStatistics(): RunningStatistics {
  return { movingMean: new Float64Array(D3), movingVariance: new Float64Array(D3) };
}
