/**
 * Jobs: what is benchmarked, before any of it is built.
 *
 * @module
 */
import type { ModelDescription } from "../../models/description.ts";
import { CNN, MLP } from "../../models/networks.ts";
import { NORM_SETTINGS } from "../../models/norm_layer.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { type Norm, normalizesKernels } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { lengthOf, type Shape, size } from "../../norms/basics/shape.ts";
import { normByName } from "../../norms/registry.ts";
import type { BackendName } from "../backend/registry.ts";
import type { Workload } from "./record.ts";

/** A norm, a workload and a shape on a backend: contenders that take turns, and one record. */
export interface Job {
  readonly backend: BackendName;
  readonly norm: Norm;
  readonly workload: Workload;
  /** Of a training step: one of {@linkcode NETWORKS}. */
  readonly network?: string;
  /** Of the normalized tensor, or of a batch that a network trains on. */
  readonly shape: Shape;
  readonly options: NormOptions;
}

type BenchPreset = "quick" | "full";

/**
 * [N, D] and [N, H, W, C], from one that fits in a cache to one far larger.
 *
 * The quick ones keep N small for the layer norm of tf.layers, whose gradient takes a slice and a sum
 * for every row.
 */
const SHAPES: Readonly<Record<BenchPreset, readonly Shape[]>> = {
  quick: [[128, 256], [2048, 1024], [4, 14, 14, 32], [32, 28, 28, 32]],
  full: [
    [32, 64],
    [128, 256],
    [512, 1024],
    [2048, 1024],
    [16384, 1024],
    [4, 7, 7, 32],
    [8, 14, 14, 32],
    [64, 28, 28, 32],
    [64, 56, 56, 64],
  ],
};

export interface Network {
  readonly shape: Shape;
  readonly model: ModelDescription;
}

/** The networks of training steps, by name: those that courses train on Fashion-MNIST. */
export const NETWORKS: Readonly<Record<string, Network>> = {
  mlp: { shape: [64, 784], model: MLP },
  cnn: { shape: [64, 28, 28, 1], model: CNN },
};

interface Choice {
  readonly norm: readonly string[];
  /** Shapes in place of those of the preset; then there are no training steps. */
  readonly shape: readonly Shape[];
  readonly preset: BenchPreset;
}

/**
 * The jobs of a run on one backend: forward and both ways for each norm and shape, then training steps.
 *
 * @throws {UsageError} if none of the norms takes one of the shapes.
 */
export function chooseJobs(
  { norm: norms, shape: shapes, preset }: Choice,
  backend: BackendName,
): Job[] {
  const chosen = shapes.length > 0 ? shapes : SHAPES[preset];
  const jobs = norms.map(normByName).flatMap((norm) => {
    const alone = chosen.flatMap((shape) => normJobs(norm, shape, backend));
    return shapes.length > 0 ? alone : [...alone, ...trainingJobs(norm, preset, backend)];
  });
  if (jobs.length > 0) return jobs;
  throw new UsageError(
    `${norms.join(", ")} norm takes no data of shape ${
      chosen.map(formatShape).join(", ")
    }: give positions and channels, as in 32x28x28x16.`,
  );
}

function normJobs(norm: Norm, shape: Shape, backend: BackendName): Job[] {
  const options = optionsFor(norm, shape);
  if (options === undefined) return [];
  return (["forward", "forward+backward"] as const).map((workload) => ({
    backend,
    norm,
    workload,
    shape,
    options,
  }));
}

/** A quick run has one network for each norm: the first that the norm fits into. */
function trainingJobs(norm: Norm, preset: BenchPreset, backend: BackendName): Job[] {
  const jobs = Object.entries(NETWORKS)
    .filter(([, { shape }]) => optionsFor(norm, shape) !== undefined)
    .map(([network, { shape }]): Job => ({
      backend,
      norm,
      workload: "training step",
      network,
      shape,
      options: {},
    }));
  return preset === "quick" ? jobs.slice(0, 1) : jobs;
}

/**
 * The options that networks give the norm where the normalized tensor has this shape; `undefined` where
 * it does not apply.
 */
export function optionsFor(norm: Norm, shape: Shape): NormOptions | undefined {
  const options = {
    training: true,
    ...norm.networkOptions(normalizedShape(norm, shape), NORM_SETTINGS),
    // A bias is not part of the norm.
    ...(normalizesKernels(norm) ? { useBias: false } : {}),
  };
  try {
    norm.inputs(dataShape(norm, shape), options);
    return options;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The shape itself, or for a norm of kernels that of a kernel [inputs, units] of the same size. */
export function normalizedShape(norm: Norm, shape: Shape): Shape {
  return normalizesKernels(norm)
    ? [size(shape.slice(0, -1)), lengthOf(shape, shape.length - 1)]
    : shape;
}

/**
 * The shape of `x` where the normalized tensor has `shape`.
 *
 * A norm of kernels is given a batch of one sample, so that the kernel is the largest tensor.
 */
export function dataShape(norm: Norm, shape: Shape): Shape {
  return normalizesKernels(norm) ? [1, size(shape.slice(0, -1))] : shape;
}

/**
 * Reads a shape such as `64x256`.
 *
 * @throws {UsageError} if it is not one, or has fewer than two axes.
 */
export function parseShape(text: string): Shape {
  if (/^[1-9]\d*(x[1-9]\d*)+$/.test(text)) return text.split("x").map(Number);
  throw new UsageError(
    `--shape ${text} is not a shape. Write the lengths of two or more axes with an x between them, ` +
      `as in 64x256 or 32x28x28x16.`,
  );
}

/** A shape as it is written on the command line. */
export function formatShape(shape: Shape): string {
  return shape.join("x");
}
