import { assert, assertEquals, assertLess } from "@std/assert";
import { normByName, NORMS } from "../../norms/registry.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import type { BackendName } from "../backend/registry.ts";
import { runOnce } from "./contender.ts";
import { copyOperation } from "./copy.ts";
import { type Field, type Job, optionsFor } from "./job.ts";
import { normField } from "./norm_field.ts";
import { trainingField } from "./training_field.ts";

const SHAPE = [4, 3, 3, 8];

function jobOf(name: string, backend: BackendName, workload: Job["workload"]): Job {
  const norm = normByName(name);
  return { backend, norm, workload, shape: SHAPE, options: optionsFor(norm, SHAPE)! };
}

function build(job: Job): Field {
  return job.workload === "training step"
    ? trainingField(job, 0)
    : normField(job, copyOperation("abs"), 0);
}

function disposeOf(field: Field): void {
  field.contenders.forEach((contender) => contender.dispose());
  field.dispose();
}

/** The largest difference between what two contenders return first. */
async function difference(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): Promise<number> {
  const worst = tf.tidy(() => tf.max(tf.abs(tf.sub(a[0]!, b[0]!))));
  const [value] = await worst.data();
  worst.dispose();
  return value!;
}

testOnEveryBackend("contenders of a norm do the same work, and leave nothing", async (backend) => {
  for (const { name } of NORMS) {
    const before = tf.memory().numTensors;
    const field = build(jobOf(name, backend, "forward+backward"));
    const customs = field.contenders.filter(({ role }) => role !== "copy");
    // The gradient of x, or of the kernel, is among the first that each returns.
    const results = customs.map((contender) => tf.tidy(() => [...contender.run(1)]));
    for (const [place, result] of results.entries()) {
      assertEquals(result.map(({ shape }) => shape), results[0]!.map(({ shape }) => shape));
      assertLess(await difference(result, results[0]!), 1e-4, customs[place]!.name);
    }
    tf.dispose(results);
    disposeOf(field);
    assertEquals(tf.memory().numTensors, before, `${name} norm left tensors`);
  }
});

testOnEveryBackend("running a contender leaves nothing", (backend) => {
  for (const workload of ["forward", "forward+backward"] as const) {
    const field = build(jobOf("batch", backend, workload));
    const before = tf.memory().numTensors;
    field.contenders.forEach((contender) => runOnce(contender, 5));
    assertEquals(tf.memory().numTensors, before);
    disposeOf(field);
  }
});

testOn("cpu", "a reference that tf.layers does not have is named", () => {
  const field = build(jobOf("group", "cpu", "forward"));
  assertEquals(field.unbuilt.map(({ name, role }) => [name, role]), [["tf.layers", "reference"]]);
  assert(field.unbuilt[0]!.error.message.includes("groupNormalization does not exist"));
  assertEquals(field.contenders.map(({ name }) => name), [
    "composed",
    "analytic",
    "textbook",
    "copy",
  ]);
  disposeOf(field);
});

testOn("cpu", "the layer of a reference is built once, and not in every run", () => {
  const field = build(jobOf("batch", "cpu", "forward"));
  const reference = field.contenders.find(({ name }) => name === "tf.layers")!;
  const { layers } = tf;
  const original = layers.batchNormalization;
  let built = 0;
  layers.batchNormalization = (args) => (built++, original(args));
  try {
    runOnce(reference, 0);
    runOnce(reference, 1);
  } finally {
    layers.batchNormalization = original;
  }
  assertEquals(built, 0);
  disposeOf(field);
});

testOn("tensorflow", "TensorFlow's fused batch norm takes part", () => {
  const field = build(jobOf("batch", "tensorflow", "forward"));
  assert(field.contenders.some(({ name }) => name === "FusedBatchNormV3"));
  disposeOf(field);
});

testOn("wasm", "a training step has the norm, that of tf.layers, and none", () => {
  for (const [name, reference] of [["batch", true], ["group", false], ["weight", false]] as const) {
    const before = tf.memory().numTensors;
    const field = build({ ...jobOf(name, "wasm", "training step"), network: "mlp" });
    const names = field.contenders.map(({ name }) => name);
    assertEquals(names.includes("tf.layers"), reference);
    assertEquals(names.at(-1), "no norm");
    field.contenders.forEach((contender) => runOnce(contender, 0));
    disposeOf(field);
    assertEquals(tf.memory().numTensors, before, `${name} norm left tensors`);
  }
});
