/**
 * The field of a norm alone: its implementations, its references and a copy, on the same inputs.
 *
 * @module
 */
import { implementationsOf } from "../../norms/basics/apply.ts";
import { normalizesKernels, type Tensors } from "../../norms/basics/norm.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { TEXTBOOK } from "./record.ts";
import { referencesOn } from "../backend/registry.ts";
import type { Contender } from "./contender.ts";
import { makeRing, normalTensor, type Ring } from "./inputs.ts";
import { buildAll, dataShape, type Field, type Job, normalizedShape } from "./job.ts";

/** A subject set up for many runs. */
interface Runner {
  forward(normalized: Tensor): Tensors;
  gradients(normalized: Tensor, dy: Tensor): Tensors;
  dispose(): void;
}

/** What all contenders of a field share. */
interface Shared {
  readonly job: Job;
  readonly inputs: Tensors;
  /** Inputs that gradients reach. */
  readonly wrt: readonly string[];
  readonly ring: Ring;
}

/** Builds the field on the active backend; `copy` is the operation that streams fastest there. */
export function normField(job: Job, copy: (x: Tensor) => Tensor, seed: number): Field {
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
  const shared: Shared = { job, inputs, wrt, ring };
  const dy = upstream(shared);
  const contend = (subject: Subject) => (): Omit<Contender, "name" | "role"> => {
    const runner = setUp(subject, shared);
    return {
      run: workload === "forward"
        ? (turn) => Object.values(runner.forward(ring.at(turn)))
        : (turn) => Object.values(runner.gradients(ring.at(turn), dy)),
      dispose: () => runner.dispose(),
    };
  };
  const customs = Object.entries(implementationsOf(norm));
  const references = Object.entries(referencesOf(job));
  const { contenders, unbuilt } = buildAll([
    ...customs.map(([name, f]) => ({
      name,
      role: "custom" as const,
      build: contend(functionSubject(f)),
    })),
    ...references.map(([name, subject]) => ({
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
  return {
    contenders,
    unbuilt,
    inputs: ring.tensors.length,
    cache: ring.cache,
    dispose: () => {
      ring.dispose();
      tf.dispose([dy, ...Object.values(inputs)]);
    },
  };
}

function initialTensor(shape: readonly number[], initializer: string, seed: string): Tensor {
  if (initializer === "ones") return tf.ones([...shape]);
  if (initializer === "zeros") return tf.zeros([...shape]);
  return normalTensor(shape, seed);
}

/** An upstream gradient, of the shape that the norm's output has. */
function upstream({ job: { norm, options }, inputs }: Shared): Tensor {
  const [first] = Object.values(norm.implementations);
  const shape = tf.tidy(() => first!(inputs, options)["y"]!.shape);
  return normalTensor(shape, "bench/dy");
}

/**
 * References by name. All norms have the textbook's formula among them, without what protects the
 * others from extreme data. What works on kernels has no layer: building one for every kernel would be
 * what is measured.
 */
function referencesOf({ norm, backend }: Job): Readonly<Record<string, Subject>> {
  return {
    ...(normalizesKernels(norm) ? {} : norm.references),
    ...referencesOn(backend, norm),
    [TEXTBOOK]: functionSubject(norm.textbook.implement(norm.textbook.steps)),
  };
}

function setUp(subject: Subject, { job: { norm, options }, inputs, wrt }: Shared): Runner {
  const bound = subject.bind?.(inputs, options);
  if (bound !== undefined) {
    return {
      forward: (x) => bound.forward(x),
      gradients: (x, dy) => bound.gradients(x, dy, wrt),
      dispose: () => bound.dispose(),
    };
  }
  const withTurn = (tensor: Tensor): Tensors => ({ ...inputs, [norm.normalized]: tensor });
  return {
    forward: (tensor) => subject.forward(withTurn(tensor), options),
    gradients: (tensor, dy) => subject.gradients(withTurn(tensor), options, dy, wrt),
    dispose: () => {},
  };
}
