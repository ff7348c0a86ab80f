/**
 * N10: small experiments that answer the questions of the notebook, in float64.
 *
 * @module
 */
import { RandomState } from "../../fixtures/numpy_random.ts";
import { SCHEMA } from "../run/record.ts";
import { FLOAT64, LEAK, oracleArithmetic } from "./arithmetic.ts";
import {
  mapMatrix,
  matMul,
  type Matrix,
  matrix,
  moments,
  zipColumns,
  zipMatrices,
} from "./matrix.ts";
import { type DemonstrationRecord, NOTEBOOK } from "./record.ts";

type Demonstration = Pick<DemonstrationRecord, "question" | "columns" | "rows">;

type Preprocessing = (images: Matrix) => Matrix | Promise<Matrix>;

function ones(features: number) {
  return { gamma: new Float64Array(features).fill(1), beta: new Float64Array(features) };
}

async function batchNormed(x: Matrix): Promise<Matrix> {
  const features = x.shape[1];
  const statistics = {
    movingMean: new Float64Array(features),
    movingVariance: new Float64Array(features),
  };
  return (await oracleArithmetic.batchNorm(x, ones(features), statistics, true)).y;
}

function layerNormed(x: Matrix): Promise<Matrix> {
  return oracleArithmetic.layerNorm(x, ones(x.shape[1]));
}

function minusMeanImage(images: Matrix): Matrix {
  const { means } = moments(images, 0);
  return zipColumns(images, Float64Array.from(means), (pixel, mean) => pixel - mean);
}

/** Divides each run of `length` pixels by its own sum, or by 1 where all are zero. */
function overOwnSum({ shape, values }: Matrix, length: number): Matrix {
  const scaled = values.slice();
  for (let start = 0; start < values.length; start += length) {
    const run = scaled.subarray(start, start + length);
    const sum = run.reduce((a, b) => a + b, 0) || 1;
    run.forEach((pixel, i) => run[i] = pixel / sum);
  }
  return { shape, values: scaled };
}

/** The middle of the brightness of a pixel. */
const THRESHOLD = 128;

/** ||a - b|| / ||b||. */
function relativeChange(a: Matrix, b: Matrix): number {
  const norm = ({ values }: Matrix) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return norm(zipMatrices(a, b, (x, y) => x - y)) / norm(b);
}

/** Rows `from` to `to`, without `to`. */
function rows({ shape: [, columns], values }: Matrix, from: number, to: number): Matrix {
  return matrix([to - from, columns], values.slice(from * columns, to * columns));
}

/**
 * Which preprocessing is analogous to which norm? A change that leaves one unchanged leaves its analogue
 * unchanged.
 *
 * @param images An even number, each a row of raw pixels of three square colour planes.
 */
async function preprocessing(images: Matrix): Promise<Demonstration> {
  const [count, features] = images.shape;
  const half = count / 2;
  // Square, in three colours.
  const width = Math.sqrt(features / 3);
  const pattern = Float64Array.from({ length: features }, (_, i) => 40 + 30 * Math.sin(i / 5));
  const first = rows(images, 0, half);
  const second = rows(images, half, count);
  const brighter = mapMatrix(first, (pixel) => 2 * pixel);
  const shifted = zipColumns(first, pattern, (pixel, shift) => pixel + shift);
  // All images but the first are replaced.
  const others = matrix(first.shape, second.values.slice());
  others.values.set(first.values.subarray(0, features));
  const methods: readonly (readonly [string, Preprocessing])[] = [
    ["1: scale each row of pixels to sum 1", (x) => overOwnSum(x, width)],
    ["2: scale each image to sum 1", (x) => overOwnSum(x, features)],
    ["3: subtract the mean image", minusMeanImage],
    ["4: threshold to 0 or 1", (x) => mapMatrix(x, (pixel) => pixel < THRESHOLD ? 0 : 1)],
    ["batch norm", batchNormed],
    ["layer norm", layerNormed],
  ];
  const measured = methods.map(async ([label, method]) => {
    const before = await method(first);
    const own = rows(before, 0, 1);
    return {
      label,
      values: [
        relativeChange(await method(shifted), before),
        relativeChange(await method(brighter), before),
        relativeChange(rows(await method(others), 0, 1), own),
      ],
    };
  });
  return {
    question: "preprocessing",
    columns: [
      "all images get the same pattern on top",
      "every image twice as bright",
      "the other images are replaced",
    ],
    rows: await Promise.all(measured),
  };
}

const UNITS = 100;
const HIDDEN_LAYERS = 5;

/** The spread of the last hidden layer of the notebook's deep network, over scales of its weights. */
async function scale(images: Matrix): Promise<Demonstration> {
  const spread = async (scale: number, norm: boolean) => {
    const random = new RandomState(NOTEBOOK.seed);
    let h = images;
    for (let layer = 0; layer < HIDDEN_LAYERS; layer++) {
      const inputs = h.shape[1];
      const weights = matrix([inputs, UNITS], random.randn(inputs, UNITS).map((z) => scale * z));
      const affine = matMul(h, weights);
      h = mapMatrix(norm ? await batchNormed(affine) : affine, (v) => v > 0 ? v : LEAK * v);
    }
    return deviation(h);
  };
  const scales = [1e-4, 1e-3, 1e-2, 1e-1, 1];
  const measured = scales.map(async (each) => ({
    label: String(each),
    values: [await spread(each, false), await spread(each, true)],
  }));
  return {
    question: "scale",
    columns: ["without norm", "with batch norm"],
    rows: await Promise.all(measured),
  };
}

/** How much the output for one image depends on the other images in its batch. */
async function batchSize(images: Matrix): Promise<Demonstration> {
  const features = images.shape[1];
  const random = new RandomState(NOTEBOOK.seed);
  const weights = matrix([features, UNITS], random.randn(features, UNITS));
  const hidden = matMul(images, weights);
  const sizes = [2, 5, 10, 50].filter((size) => 2 * size <= images.shape[0]);
  const dependence = async (norm: Preprocessing, size: number) => {
    const hiddenBatch = (batch: number) => {
      const values = hidden.values.slice(batch * size * UNITS, (batch + 1) * size * UNITS);
      values.set(hidden.values.subarray(0, UNITS));
      return matrix([size, UNITS], values);
    };
    const [a, b] = [await norm(hiddenBatch(0)), await norm(hiddenBatch(1))];
    return relativeChange(rows(b, 0, 1), rows(a, 0, 1));
  };
  const measured = sizes.map(async (size) => ({
    label: String(size),
    values: [await dependence(batchNormed, size), await dependence(layerNormed, size)],
  }));
  return {
    question: "batch size",
    columns: ["batch norm", "layer norm"],
    rows: await Promise.all(measured),
  };
}

const NORMAL_SAMPLES = 500;

function normalMatrix(rows: number, columns: number, deviation = 1): Matrix {
  const random = new RandomState(NOTEBOOK.seed);
  return matrix([rows, columns], random.randn(rows, columns).map((z) => deviation * z));
}

/** The standard deviation of all elements. */
function deviation({ values }: Matrix): number {
  return moments(matrix([values.length, 1], values), 0).deviations[0]!;
}

/** What layer norm leaves of samples with few features: the spread of the outputs' magnitudes. */
async function fewFeatures(): Promise<Demonstration> {
  const measured = [2, 3, 5, 10, 100].map(async (features) => {
    const y = await layerNormed(normalMatrix(NORMAL_SAMPLES, features));
    return { label: String(features), values: [deviation(mapMatrix(y, Math.abs))] };
  });
  return {
    question: "few features",
    columns: ["spread of the magnitudes"],
    rows: await Promise.all(measured),
  };
}

/** What layer norm leaves when regularization has made a layer's weights small. */
async function smallWeights(): Promise<Demonstration> {
  const measured = [1, 1e-2, 1e-3, 1e-4, 1e-5].map(async (weight) => {
    const affine = normalMatrix(NORMAL_SAMPLES, UNITS, weight);
    return { label: String(weight), values: [deviation(await layerNormed(affine))] };
  });
  return {
    question: "small weights",
    columns: ["spread of the output"],
    rows: await Promise.all(measured),
  };
}

/** Every demonstration, on raw images: an even number, each a row. */
export async function demonstrations(images: Matrix): Promise<DemonstrationRecord[]> {
  const tables = [
    await preprocessing(images),
    await scale(minusMeanImage(images)),
    await batchSize(minusMeanImage(images)),
    await fewFeatures(),
    await smallWeights(),
  ];
  return tables.map((table) => ({
    kind: "demonstration",
    schema: SCHEMA,
    backend: FLOAT64,
    ...table,
  }));
}
