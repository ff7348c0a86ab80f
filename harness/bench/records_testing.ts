/**
 * Records of benchmarks for tests: the reference run, and groups that take as long as a test says.
 *
 * @module
 */
import { join } from "node:path";
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import { normByName } from "../../norms/registry.ts";
import { type HeaderRecord, SCHEMA } from "../run/record.ts";
import { readRecords } from "../run/run_folder.ts";
import type { NormJob, StepJob } from "./jobs.ts";
import {
  type BandwidthRecord,
  BENCH_KINDS,
  type BenchRecord,
  type BenchRunRecord,
  type ChangeRecord,
  COMPILED,
  type ContenderRole,
  EAGER,
  TF_LAYERS,
  WITHOUT_NORM,
} from "./record.ts";
import { type Measured, ratiosOf, timingsOf } from "./timing.ts";

export function referenceRun(): BenchRunRecord[] {
  return readRecords(join(import.meta.dirname!, "../../reports/reference/bench"), BENCH_KINDS);
}

/** The header of the reference run, on another processor if one is named. */
export function benchHeader(cpu?: string): HeaderRecord {
  const header = referenceRun()[0] as HeaderRecord;
  const environment = { ...header.environment, ...(cpu === undefined ? {} : { cpu }) };
  return { ...header, environment };
}

export function bandwidthRecord(): BandwidthRecord {
  return referenceRun().find((record) => record.kind === "bandwidth")!;
}

/** What a test says of a group; the rest is ordinary. */
export interface GroupChoices extends Partial<Pick<NormJob, "workload" | "shape">> {
  readonly norm?: string;
  readonly pass?: number;
  /** Seconds of `composed`; `tf.layers` takes 2 ms, and the textbook 0.8 ms. */
  readonly composed?: number;
  readonly load?: number;
  readonly noise?: string;
}

const ROUNDS = 31;

/** Relative standard deviation of the samples. */
const NOISE = 0.04;

/** A group of a custom norm, two references and a copy. */
export function benchRecord(
  { norm = "layer", workload = "forward", shape = [128, 256], ...choices }: GroupChoices = {},
): BenchRecord {
  const { pass = 1, composed = 1e-3, load = 1, noise = "0" } = choices;
  const takes = (name: string, role: "custom" | "reference" | "copy", seconds: number) => {
    const normal = standardNormal(ROUNDS, uniformStream(`${noise}/${name}`));
    const samples = Array.from(normal, (z) => load * seconds * Math.exp(NOISE * z));
    return { name, role, batch: 4, samples };
  };
  const measured = [
    takes("composed", "custom", composed),
    takes("tf.layers", "reference", 2e-3),
    takes("textbook", "reference", 8e-4),
    takes("abs", "copy", 1e-5),
  ];
  const job: NormJob = { backend: "cpu", norm: normByName(norm), workload, shape, options: {} };
  const ratio = composed / 2e-3;
  return {
    kind: "bench",
    schema: SCHEMA,
    backend: job.backend,
    norm,
    workload,
    shape,
    options: { training: true },
    cache: "hot",
    inputs: 32,
    pass,
    seed: 0,
    contenders: timingsOf(measured, job),
    ratios: [{
      contender: "composed",
      against: "tf.layers",
      ratio,
      low: 0.97 * ratio,
      high: 1.03 * ratio,
    }],
    calibration: { before: 1e-5, after: 1e-5, drifted: false },
  };
}

/** A change of `composed` since the baseline `main`. */
export function changeRecord(change: number): ChangeRecord {
  return {
    kind: "change",
    schema: SCHEMA,
    backend: "cpu",
    baseline: "main",
    norm: "layer",
    workload: "forward",
    shape: [128, 256],
    contender: "composed",
    yardstick: "textbook",
    change,
    low: 0.97 * change,
    high: 1.03 * change,
    noise: 1.05,
    verdict: change > 1.1 ? "slower" : "same",
  };
}

/** A group of training steps on the MLP: two of ours, that of `tf.layers`, ours without a norm, and a peer. */
export function stepRecord(norm: string): BenchRecord {
  const job: StepJob = {
    backend: "cpu",
    norm: norm as StepJob["norm"],
    workload: "training step",
    network: "mlp",
    shape: [64, 784],
  };
  const takes = (name: string, role: ContenderRole, seconds: number): Measured => ({
    ...{ name, role, batch: 1, samples: [seconds, seconds, seconds] },
    ...(role === "custom" ? { mode: name === COMPILED ? "graph" : "eager" } : {}),
  });
  const timings = timingsOf([
    takes(COMPILED, "custom", 1e-3),
    takes(EAGER, "custom", 2e-3),
    takes(TF_LAYERS, "reference", 4e-3),
    ...(norm === "none" ? [] : [takes(WITHOUT_NORM, "reference", 0.5e-3)]),
    takes("keras XLA", "peer", 0.8e-3),
  ], job);
  const { workload, network, shape } = job;
  return {
    ...benchRecord({ norm: "layer" }),
    ...{ norm, workload, network, shape, reads: "loss" },
    options: {},
    contenders: timings,
    ratios: ratiosOf(timings, uniformStream(norm)),
  };
}
