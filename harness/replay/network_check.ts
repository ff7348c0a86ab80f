/**
 * N6: the gradients of a whole network against central differences, in float64, without and with L2
 * regularization.
 *
 *     {affine, batch norm, leaky ReLU} for each hidden layer, affine, softmax;  + 0.5 reg sum(W^2)
 *
 * @module
 */
import { RandomState } from "../../fixtures/numpy_random.ts";
import { batchNorm } from "../../norms/batch_norm.ts";
import type { BoundedArrays } from "../../norms/basics/norm.ts";
import { gradientErrors } from "../gradcheck/float64.ts";
import { EPSILON, exact, LEAK } from "./arithmetic.ts";
import {
  columnSums,
  mapMatrix,
  matMul,
  type Matrix,
  matrix,
  transpose,
  zipColumns,
  zipMatrices,
} from "./matrix.ts";
import type { Printout } from "./published.ts";
import { NOTEBOOK } from "./record.ts";

const NORM_OPTIONS = { training: true, epsilon: EPSILON };

const SAMPLES = 2;
/** Features, hidden units, classes. */
const UNITS = [15, 20, 30, 10] as const;
const WEIGHT_SCALE = 5e-2;
const REGULARIZATIONS = [0, 3.14];

/** The loss of a new network, and the relative error of each of its gradients, for each regularization. */
export async function networkChecks(): Promise<Printout[]> {
  const random = new RandomState(NOTEBOOK.seed);
  const [features, , , classes] = UNITS;
  const x = matrix([SAMPLES, features], random.randn(SAMPLES, features));
  const batch = { x, labels: random.randint(0, classes, SAMPLES) };
  const printouts: Printout[] = [];
  for (const reg of REGULARIZATIONS) {
    const net = drawNet(UNITS, WEIGHT_SCALE, random);
    const loss = (parameters: NetParameters) => [lossOf({ ...net, parameters }, batch, reg)];
    const gradients = gradientsOf(net, batch, reg);
    const errors = await gradientErrors(loss, net.parameters, gradients, [1]);
    printouts.push({ name: `initial loss, reg ${reg}`, values: loss(net.parameters) });
    for (const [name, error] of Object.entries(errors)) {
      printouts.push({ name: `error of d${name}, reg ${reg}`, values: [error] });
    }
  }
  return printouts;
}

/** The parameters of a layer; the last one has no norm. */
interface LayerParameters {
  readonly w: Matrix;
  readonly b: Float64Array;
  readonly gamma?: Float64Array;
  readonly beta?: Float64Array;
}

/** Parameters, or their gradients: `W1`, `b1`, `gamma1`, `beta1`, `W2` … */
type NetParameters = Readonly<Record<string, Float64Array>>;

/** A network's shape and parameters. */
interface Net {
  /** Units from input to output. */
  readonly units: readonly number[];
  readonly parameters: NetParameters;
}

interface Batch {
  readonly x: Matrix;
  readonly labels: readonly number[];
}

/** Draws the weights layer by layer; biases and betas are 0, gammas 1. */
function drawNet(units: readonly number[], scale: number, random: RandomState): Net {
  const parameters: Record<string, Float64Array> = {};
  for (let layer = 1; layer < units.length; layer++) {
    const [inputs, outputs] = [units[layer - 1]!, units[layer]!];
    parameters[`W${layer}`] = random.randn(inputs, outputs).map((z) => scale * z);
    parameters[`b${layer}`] = new Float64Array(outputs);
    if (layer === units.length - 1) break;
    parameters[`gamma${layer}`] = new Float64Array(outputs).fill(1);
    parameters[`beta${layer}`] = new Float64Array(outputs);
  }
  return { units, parameters };
}

function layersOf({ units, parameters }: Net): LayerParameters[] {
  return units.slice(1).map((outputs, i) => {
    const layer = i + 1;
    const gamma = parameters[`gamma${layer}`];
    const beta = parameters[`beta${layer}`];
    return {
      w: matrix([units[i]!, outputs], parameters[`W${layer}`]!),
      b: parameters[`b${layer}`]!,
      ...(gamma && beta && { gamma, beta }),
    };
  });
}

/** What the backward pass needs of a layer's forward pass. */
interface LayerCache {
  readonly input: Matrix;
  /** Inputs of the norm; absent in the last layer. */
  readonly norm?: BoundedArrays;
  /** What reaches the activation; absent in the last layer. */
  readonly normalized?: Matrix;
}

function runLayer(input: Matrix, { w, b, gamma, beta }: LayerParameters) {
  const affine = zipColumns(matMul(input, w), b, (value, bias) => value + bias);
  if (!gamma || !beta) return { output: affine, cache: { input } };
  const norm = {
    x: exact(affine),
    gamma: exact(gamma),
    beta: exact(beta),
    // Not used in training.
    movingMean: exact(gamma),
    movingVariance: exact(gamma),
  };
  const y = batchNorm.oracle.forward(norm, NORM_OPTIONS)["y"]!;
  const normalized = matrix(affine.shape, y.values);
  const output = mapMatrix(normalized, (value) => value > 0 ? value : LEAK * value);
  return { output, cache: { input, norm, normalized } };
}

function run(net: Net, { x }: Batch): { logits: Matrix; caches: LayerCache[] } {
  const caches: LayerCache[] = [];
  const logits = layersOf(net).reduce((input, layer) => {
    const { output, cache } = runLayer(input, layer);
    caches.push(cache);
    return output;
  }, x);
  return { logits, caches };
}

/** Mean cross-entropy of softmax, and its gradient (softmax - onehot) / N. */
function crossEntropy(logits: Matrix, labels: readonly number[]) {
  const [samples, classes] = logits.shape;
  const gradient = new Float64Array(logits.values.length);
  let loss = 0;
  for (const [n, label] of labels.entries()) {
    const row = logits.values.subarray(n * classes, (n + 1) * classes);
    const largest = Math.max(...row);
    const exponentials = row.map((value) => Math.exp(value - largest));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    loss -= (row[label]! - largest - Math.log(sum)) / samples;
    gradient.set(
      exponentials.map((e, c) => (e / sum - (c === label ? 1 : 0)) / samples),
      n * classes,
    );
  }
  return { loss, gradient: matrix(logits.shape, gradient) };
}

/** 0.5 reg sum(W^2), over weights only. */
function penalty(net: Net, reg: number): number {
  const squares = layersOf(net).flatMap(({ w }) => [...w.values.map((value) => value * value)]);
  return 0.5 * reg * squares.reduce((a, b) => a + b, 0);
}

/** The loss in training mode. */
function lossOf(net: Net, batch: Batch, reg: number): number {
  const { logits } = run(net, batch);
  return crossEntropy(logits, batch.labels).loss + penalty(net, reg);
}

/** The gradient of the loss with respect to every parameter. */
function gradientsOf(net: Net, batch: Batch, reg: number): NetParameters {
  const { logits, caches } = run(net, batch);
  const layers = layersOf(net);
  const gradients: Record<string, Float64Array> = {};
  let dy = crossEntropy(logits, batch.labels).gradient;
  for (let layer = layers.length; layer >= 1; layer--) {
    const { w } = layers[layer - 1]!;
    const { input, norm, normalized } = caches[layer - 1]!;
    if (norm && normalized) {
      const slope = (d: number, value: number) => value > 0 ? d : LEAK * d;
      const reached = exact(zipMatrices(dy, normalized, slope));
      const { x, gamma, beta } = batchNorm.oracle.backward(norm, NORM_OPTIONS, reached);
      gradients[`gamma${layer}`] = gamma!.values;
      gradients[`beta${layer}`] = beta!.values;
      dy = matrix(dy.shape, x!.values);
    }
    const dw = matMul(transpose(input), dy);
    gradients[`W${layer}`] = zipMatrices(dw, w, (d, weight) => d + reg * weight).values;
    gradients[`b${layer}`] = columnSums(dy);
    dy = matMul(dy, transpose(w));
  }
  return gradients;
}
