/**
 * The jobs of a run.
 *
 * @module
 */
import type { Norm } from "../../norms/basics/norm.ts";
import { normByName } from "../../norms/registry.ts";
import type { Shape } from "../../norms/basics/shape.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import type { BackendName } from "../backend/registry.ts";
import { type Job, optionsFor } from "./job.ts";
import type { BenchTaskOptions } from "./task.ts";
import { formatShape, SHAPES } from "./shapes.ts";
import { NETWORKS } from "./training_field.ts";

/**
 * Norm by norm and shape by shape, forward and both ways; then training steps, unless the user has
 * chosen shapes.
 *
 * @throws {UsageError} if no norm takes a shape that the user has chosen.
 */
export function chooseJobs(
  { norm: norms, shape: shapes, preset }: Pick<BenchTaskOptions, "norm" | "shape" | "preset">,
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

/** The quick run has one network for each norm: the first that the norm fits into. */
function trainingJobs(
  norm: Norm,
  preset: BenchTaskOptions["preset"],
  backend: BackendName,
): Job[] {
  const jobs = Object.entries(NETWORKS).flatMap(([network, { shape }]): Job[] => {
    const options = optionsFor(norm, shape);
    return options === undefined
      ? []
      : [{ backend, norm, workload: "training step", network, shape, options: {} }];
  });
  return preset === "quick" ? jobs.slice(0, 1) : jobs;
}
