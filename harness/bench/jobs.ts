/**
 * Jobs: what is benchmarked, before any of it is built.
 *
 * @module
 */
import type { ModelDescription, NormChoice } from "../../models/description.ts";
import { CNN, MLP } from "../../models/networks.ts";
import { chosenNorm, NORM_SETTINGS } from "../../models/norm_layer.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { type Norm, normalizesKernels } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { lengthOf, type Shape, size } from "../../norms/basics/shape.ts";
import { normByName } from "../../norms/registry.ts";
import type { BackendName } from "../backend/registry.ts";

/** A norm alone, on data of one shape. */
export interface NormJob {
  readonly backend: BackendName;
  readonly norm: Norm;
  readonly workload: "forward" | "forward+backward";
  /** Of the normalized tensor. */
  readonly shape: Shape;
  readonly options: NormOptions;
}

/** A training step of a network with a norm, or with none. */
export interface StepJob {
  readonly backend: BackendName;
  readonly norm: NormChoice;
  readonly workload: "training step";
  /** One of {@linkcode NETWORKS}. */
  readonly network: string;
  /** Of a batch. */
  readonly shape: Shape;
}

/** What contenders do in turns on a backend, for one record. */
export type Job = NormJob | StepJob;

export function isStep(job: Job): job is StepJob {
  return job.workload === "training step";
}

export function normNameOf({ norm }: Job): string {
  return typeof norm === "string" ? norm : norm.name;
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

/** The choice of a network without norm, whose training step is timed like those with one. */
export const NO_NORM = "none";

interface Choice {
  /** Names of norms; {@linkcode NO_NORM} has training steps only. */
  readonly norm: readonly string[];
  /** Shapes in place of those of the preset; then there are no training steps. */
  readonly shape: readonly Shape[];
  /** Networks in place of those of the preset; then norms are not timed alone, unless shapes are named. */
  readonly network?: readonly string[];
  readonly preset: BenchPreset;
}

/**
 * The jobs of a run on one backend: forward and both ways for each norm and shape, then training steps.
 *
 * @throws {UsageError} if none of the norms takes one of the shapes or has a place in one of the networks.
 */
export function chooseJobs(
  { norm: norms, shape: shapes, network: networks = [], preset }: Choice,
  backend: BackendName,
): Job[] {
  const chosen = shapes.length > 0 || networks.length > 0 ? shapes : SHAPES[preset];
  const jobs = norms.flatMap((name): Job[] => {
    const alone = name === NO_NORM
      ? []
      : chosen.flatMap((shape) => normJobs(normByName(name), shape, backend));
    const steps = shapes.length > 0 && networks.length === 0
      ? []
      : stepJobs(name as NormChoice, networks, preset, backend);
    return [...alone, ...steps];
  });
  if (jobs.length > 0) return jobs;
  throw new UsageError(
    chosen.length === 0
      ? `${norms.join(", ")} norm has no place in ${networks.join(", ")}: name another network.`
      : `${norms.join(", ")} norm takes no data of shape ${
        chosen.map(formatShape).join(", ")
      }: give positions and channels, as in 32x28x28x16.`,
  );
}

function normJobs(norm: Norm, shape: Shape, backend: BackendName): NormJob[] {
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

/** Unless networks are named, a quick run has one for each norm: the first that the norm fits into. */
function stepJobs(
  choice: NormChoice,
  networks: readonly string[],
  preset: BenchPreset,
  backend: BackendName,
): StepJob[] {
  const norm = chosenNorm(choice)?.norm;
  const jobs = Object.entries(NETWORKS)
    .filter(([network, { shape }]) =>
      (networks.length === 0 || networks.includes(network)) &&
      (norm === undefined || optionsFor(norm, shape) !== undefined)
    )
    .map(([network, { shape }]): StepJob => ({
      backend,
      norm: choice,
      workload: "training step",
      network,
      shape,
    }));
  return preset === "quick" && networks.length === 0 ? jobs.slice(0, 1) : jobs;
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

/** Elements of the largest tensor: 1 GiB, of which a job holds about ten. */
const MOST_ELEMENTS = 2 ** 28;

/**
 * Reads a shape such as `64x256`.
 *
 * @throws {UsageError} if it is not one, has fewer than two axes, or is too large to be timed.
 */
export function parseShape(text: string): Shape {
  if (/^[1-9]\d*(x[1-9]\d*)+$/.test(text)) {
    const shape = text.split("x").map(Number);
    if (size(shape) <= MOST_ELEMENTS) return shape;
    throw new UsageError(
      `--shape ${text} is too large: at most ${MOST_ELEMENTS} elements are timed, which take 1 GiB.`,
    );
  }
  throw new UsageError(
    `--shape ${text} is not a shape. Write the lengths of two or more axes with an x between them, ` +
      `as in 64x256 or 32x28x28x16.`,
  );
}

/** A shape as it is written on the command line. */
export function formatShape(shape: Shape): string {
  return shape.join("x");
}
