/**
 * The contenders of a norm alone: its implementations, beside its references.
 *
 * @module
 */
import { implementationsOf } from "../../norms/frames/apply.ts";
import { normalizesKernels, type Tensors } from "../../norms/basics/norm.ts";
import { type BoundSubject, functionSubject, type Subject } from "../../norms/basics/subject.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { referencesOn } from "../backend/registry.ts";
import { contenderOf, type PlainOperation } from "./bandwidth.ts";
import { assemble, buildAll, type Field, type Work } from "./contender.ts";
import { makeRing, normalTensor } from "./inputs.ts";
import { dataShape, normalizedShape, type NormJob } from "./jobs.ts";
import { TEXTBOOK } from "./record.ts";

/**
 * Builds the field of a norm on the active backend: its implementations, its references and a plain
 * operation, on the same inputs.
 *
 * @param plain What moves most bytes a second there.
 */
export function normField(job: NormJob, plain: PlainOperation, seed: number): Field {
  const { norm, shape, options, workload } = job;
  const ring = makeRing(normalizedShape(norm, shape), `bench/${seed}/ring`);
  const specs = norm.inputs(dataShape(norm, shape), options);
  const inputs: Tensors = Object.fromEntries(
    specs.map(({ name, shape, initializer }) => [
      name,
      name === norm.normalized ? ring.at(0) : initialTensor(shape, initializer, `${seed}/${name}`),
    ]),
  );
  const wrt = specs.filter(({ role }) => role !== "state").map(({ name }) => name);
  const dy = upstreamGradient(job, inputs);
  const contend = (subject: Subject) => (): Work => {
    const bound = subject.bind?.(inputs, options);
    const { forward, gradients } = bound ?? unbound(subject, norm.normalized, inputs, options);
    return {
      run: (turn) =>
        tf.tidy(() =>
          Object.values(
            workload === "forward" ? forward(ring.at(turn)) : gradients(ring.at(turn), dy, wrt),
          )
        ),
      dispose: () => bound?.dispose(),
    };
  };
  const built = buildAll([
    ...Object.entries(implementationsOf(norm)).map(([name, f]) => ({
      name,
      role: "custom" as const,
      build: contend(functionSubject(f)),
    })),
    ...Object.entries(referencesOf(job)).map(([name, subject]) => ({
      name,
      role: "reference" as const,
      build: contend(subject),
    })),
    { name: plain.name, role: "copy", build: () => contenderOf(plain, ring) },
  ]);
  return assemble(built, ring, [dy, ...Object.values(inputs)]);
}

function initialTensor(shape: readonly number[], initializer: string, seed: string): Tensor {
  if (initializer === "ones") return tf.ones([...shape]);
  if (initializer === "zeros") return tf.zeros([...shape]);
  return normalTensor(shape, seed);
}

function upstreamGradient({ norm, options }: NormJob, inputs: Tensors): Tensor {
  const [first] = Object.values(norm.implementations);
  const shape = tf.tidy(() => first!(inputs, options)["y"]!.shape);
  return normalTensor(shape, "bench/dy");
}

/**
 * References by name, the naive formula among them. Norms of kernels take none of `tf.layers`: their
 * reference is a layer that is built again for every kernel, and that would be what is measured.
 */
function referencesOf({ norm, backend }: NormJob): Readonly<Record<string, Subject>> {
  return {
    ...(normalizesKernels(norm) ? {} : norm.references),
    ...referencesOn(backend, norm),
    [TEXTBOOK]: functionSubject(norm.textbook.implement(norm.textbook.steps)),
  };
}

function unbound(
  subject: Subject,
  normalized: string,
  inputs: Tensors,
  options: NormOptions,
): Omit<BoundSubject, "dispose"> {
  const withTurn = (tensor: Tensor): Tensors => ({ ...inputs, [normalized]: tensor });
  return {
    forward: (tensor) => subject.forward(withTurn(tensor), options),
    gradients: (tensor, dy, wrt) => subject.gradients(withTurn(tensor), options, dy, wrt),
  };
}
