import { assertEquals, assertLessOrEqual } from "@std/assert";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import {
  drawInputs,
  drawUpstreams,
  type ParityCase,
  type Upstream,
} from "../../fixtures/parity_case.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { compareAnswers } from "../../harness/parity/compare.ts";
import { evaluate } from "../../harness/parity/evaluate.ts";
import { expectation } from "../../harness/parity/expect.ts";
import { batchNormalization, type BatchNormResult } from "../batch_norm.ts";
import { groupNormalization } from "../group_norm.ts";
import { instanceNormalization } from "../instance_norm.ts";
import { layerNormalization } from "../layer_norm.ts";
import { applyNorm } from "../frames/apply.ts";
import { type Implementation, type Norm, normalizesKernels, type Tensors } from "../basics/norm.ts";
import type { WeightNormOptions } from "../basics/options.ts";
import { NORMS } from "../registry.ts";
import { rmsNormalization } from "../rms_norm.ts";
import { functionSubject, layerSubject, type Subject } from "../basics/subject.ts";
import { size } from "../basics/shape.ts";
import * as tf from "../basics/tf.ts";
import { applyKernel } from "../basics/reparameterization.ts";
import { weightNormalization, type WeightNormArguments } from "../weight_norm.ts";
import { backendNamed } from "../../harness/backend/registry.ts";
import { layerOf } from "./norm_layer.ts";

const SEED = 3;

/** Cases that go through every branch of a layer. */
const CASES: Readonly<Record<string, readonly string[]>> = {
  batch: ["dense", "channels-first", "no-affine", "unbiased-variance", "predict-conv", "frozen"],
  layer: ["dense", "axis-3-1", "no-scale"],
  weight: ["dense", "dense-no-bias", "conv-same", "conv-oblong"],
  group: ["channels-first", "no-center"],
  instance: ["conv", "rank-5"],
  rms: ["axis-2-1", "no-scale"],
};

function casesOf(norm: Norm): ParityCase[] {
  const cases = parityCases(norm.name, "full");
  const names = CASES[norm.name];
  // Small ones, with every variant of the norm.
  if (names === undefined) {
    return cases.filter(({ shape }) => size(shape) <= 360 && size(shape) > 32);
  }
  return names.map((name) => cases.find(({ id }) => id === `${norm.name}/${name}`)!);
}

/** A public function, which takes parameters and options together. */
type NormFunction = (
  x: tf.Tensor,
  args: Readonly<Record<string, never>>,
) => tf.Tensor | BatchNormResult;

const FUNCTIONS: Readonly<Record<string, NormFunction>> = {
  batch: batchNormalization,
  layer: layerNormalization,
  group: groupNormalization,
  instance: instanceNormalization,
  rms: rmsNormalization,
};

/** What the public function of `norm` makes of the inputs that its record has. */
function byFunction(norm: Norm, implementation: string): Implementation {
  const normalize = FUNCTIONS[norm.name];
  if (normalizesKernels(norm)) return byWeightNormalization(implementation);
  if (normalize === undefined) return (...args) => applyNorm(norm, ...args, implementation);
  return ({ x, ...parameters }, options) => {
    const args = { ...parameters, ...options, implementation };
    const result = normalize(x!, args as unknown as Record<string, never>);
    return result instanceof tf.Tensor ? { y: result } : { ...result };
  };
}

function byWeightNormalization(implementation: string): Implementation {
  return ({ x, v, g, bias }, options) => {
    const kernel = weightNormalization(v!, g!, { implementation } as WeightNormArguments);
    return { y: applyKernel(x!, kernel, bias, options as WeightNormOptions) };
  };
}

/** Outputs and gradients of a subject, as one list of arrays. */
async function answersOf(
  subject: Subject,
  norm: Norm,
  parityCase: ParityCase,
): Promise<Record<string, Float32Array>> {
  const { options } = parityCase;
  const { specs, values } = drawInputs(norm, parityCase, SEED);
  const tensors = tf.tidy(() => {
    const inputs = Object.fromEntries(
      specs.map(({ name, shape }) => [name, tf.tensor(values[name]!, [...shape])]),
    );
    const wrt = specs.filter(({ role }) => role !== "state").map(({ name }) => name);
    const states = specs.filter(({ role }) => role === "state").map(({ name }) => name);
    const outputs = subject.forward(inputs, options);
    const { shape } = outputs["y"]!;
    const [upstream] = drawUpstreams(norm, parityCase, shape, SEED) as [Upstream];
    const dy = tf.tensor(upstream.values, shape);
    const gradients = subject.gradients(inputs, options, dy, wrt);
    return Object.fromEntries([
      ...["y", ...states].map((name) => [name, outputs[name]!.clone()]),
      ...wrt.map((name) => [`d${name}`, gradients[name]!]),
    ]) as Tensors;
  });
  const names = Object.keys(tensors);
  const read = await Promise.all(names.map((name) => tensors[name]!.data<"float32">()));
  tf.dispose(tensors as Record<string, tf.Tensor>);
  return Object.fromEntries(names.map((name, i) => [name, read[i]!]));
}

function layerWith(norm: Norm, implementation: string): Subject {
  return layerSubject((options) => layerOf(norm, { ...options, implementation }));
}

for (const norm of NORMS) {
  testOnEveryBackend(`the layer of ${norm.name} norm computes what its function does`, async () => {
    for (const implementation of Object.keys(norm.implementations)) {
      const compute = functionSubject(byFunction(norm, implementation));
      for (const parityCase of casesOf(norm)) {
        assertEquals(
          await answersOf(layerWith(norm, implementation), norm, parityCase),
          await answersOf(compute, norm, parityCase),
          `${parityCase.id}, ${implementation}`,
        );
      }
    }
  });

  testOnEveryBackend(`the layer of ${norm.name} norm passes parity`, async (backend) => {
    for (const parityCase of casesOf(norm)) {
      const { arithmetic } = backendNamed(backend);
      const inputs = drawInputs(norm, parityCase, SEED);
      const expected = expectation(norm, parityCase, inputs, SEED, arithmetic);
      const answers = await evaluate(
        layerSubject((options) => layerOf(norm, options)),
        parityCase,
        expected,
      );
      const at = { norm, parityCase, seed: SEED, backend, expected };
      const [record] = compareAnswers(at, [["layer", answers]], []);
      const { ratio, quantities } = record!;
      const { outputs, upstreams } = expected;
      const names = [...Object.keys(outputs), ...Object.keys(upstreams[0]!.gradients)];
      assertEquals(quantities.map(({ name }) => name), names);
      assertLessOrEqual(ratio, 1, `${parityCase.id}: ${JSON.stringify(quantities)}`);
    }
  });
}
