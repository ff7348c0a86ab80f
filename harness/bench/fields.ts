/**
 * The contenders of each job: a norm alone or in a training step, beside its references.
 *
 * @module
 */
import { buildModel } from "../../models/build.ts";
import type { NormChoice } from "../../models/description.ts";
import { ADAM } from "../../models/networks.ts";
import { counterpartOf, NORM_SETTINGS } from "../../models/norm_layer.ts";
import { TrainingStep } from "../../models/training_step.ts";
import { implementationsOf } from "../../norms/frames/apply.ts";
import { normalizesKernels, type Tensors } from "../../norms/basics/norm.ts";
import { type BoundSubject, functionSubject, type Subject } from "../../norms/basics/subject.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { referencesOn } from "../backend/registry.ts";
import { buildAll, type Field, type Work } from "./contender.ts";
import { makeRing, normalTensor, type Ring } from "./inputs.ts";
import { dataShape, type Job, NETWORKS, normalizedShape } from "./jobs.ts";
import { TEXTBOOK, WITHOUT_NORM } from "./record.ts";

/**
 * Builds the field of a job on the active backend.
 *
 * @param copy The operation that streams fastest there.
 */
export function buildField(job: Job, copy: (x: Tensor) => Tensor, seed: number): Field {
  return job.workload === "training step" ? trainingField(job, seed) : normField(job, copy, seed);
}

/** The norm alone: its implementations, its references and a copy, on the same inputs. */
function normField(job: Job, copy: (x: Tensor) => Tensor, seed: number): Field {
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
      run: workload === "forward"
        ? (turn) => Object.values(forward(ring.at(turn)))
        : (turn) => Object.values(gradients(ring.at(turn), dy, wrt)),
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
    {
      name: "copy",
      role: "copy",
      build: () => ({ run: (turn) => [copy(ring.at(turn))], dispose: () => {} }),
    },
  ]);
  return assemble(built, ring, [dy, ...Object.values(inputs)]);
}

function initialTensor(shape: readonly number[], initializer: string, seed: string): Tensor {
  if (initializer === "ones") return tf.ones([...shape]);
  if (initializer === "zeros") return tf.zeros([...shape]);
  return normalTensor(shape, seed);
}

function upstreamGradient({ norm, options }: Job, inputs: Tensors): Tensor {
  const [first] = Object.values(norm.implementations);
  const shape = tf.tidy(() => first!(inputs, options)["y"]!.shape);
  return normalTensor(shape, "bench/dy");
}

/**
 * References by name, the naive formula among them. Norms of kernels take none of `tf.layers`: their
 * reference is a layer that is built again for every kernel, and that would be what is measured.
 */
function referencesOf({ norm, backend }: Job): Readonly<Record<string, Subject>> {
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

const CLASSES = 10;

/** A training step of a network with each implementation, with that of `tf.layers`, and without a norm. */
function trainingField({ norm, network: name }: Job, seed: number): Field {
  const { shape, model: description } = NETWORKS[name!]!;
  const images = makeRing(shape, `bench/${seed}/images`);
  const labels = tf.tensor1d(Array.from({ length: shape[0]! }, (_, i) => i % CLASSES), "int32");
  const train = (choice: NormChoice, implementation?: string) => (): Work => {
    const settings = { ...NORM_SETTINGS, ...(implementation !== undefined && { implementation }) };
    const model = buildModel(
      { ...description, norm: choice },
      shape.slice(1),
      CLASSES,
      seed,
      settings,
    );
    const step = new TrainingStep(model, { optimizer: ADAM, l2: 0 });
    return {
      run: (turn) => Object.values(step.run(images.at(turn), labels)),
      dispose: () => {
        step.dispose();
        model.dispose();
      },
    };
  };
  const built = buildAll([
    ...Object.keys(implementationsOf(norm)).map((implementation) => ({
      name: implementation,
      role: "custom" as const,
      build: train(norm.name as NormChoice, implementation),
    })),
    ...(norm.counterpart === undefined ? [] : [{
      name: "tf.layers",
      role: "reference" as const,
      build: train(counterpartOf(norm)),
    }]),
    { name: WITHOUT_NORM, role: "reference", build: train("none") },
  ]);
  return assemble(built, images, [labels]);
}

function assemble(
  built: ReturnType<typeof buildAll>,
  ring: Ring,
  others: readonly Tensor[],
): Field {
  return {
    ...built,
    inputs: ring.tensors.length,
    cache: ring.cache,
    dispose: () => {
      built.contenders.forEach((contender) => contender.dispose());
      ring.dispose();
      tf.dispose([...others]);
    },
  };
}
