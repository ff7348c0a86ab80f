import { assert, assertEquals } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import { testOn } from "../backend/backends_testing.ts";
import type { BackendName } from "../backend/registry.ts";
import { type Contender, runOnce } from "./contender.ts";
import { NETWORKS, type StepJob } from "./jobs.ts";
import { stepField, stepOptions } from "./steps.ts";

function jobOf(norm: string, network: string, backend: BackendName): StepJob {
  const { shape } = NETWORKS[network]!;
  return { backend, norm: norm as StepJob["norm"], workload: "training step", network, shape };
}

const namesOf = (contenders: readonly Contender[]) => contenders.map(({ name }) => name);

testOn("tensorflow", "a training step runs as one call, and operation by operation", async () => {
  for (
    const [norm, others, references] of [
      ["batch", ["composed", "analytic", "analytic-graph"], ["tf.layers", "no norm"]],
      ["weight", ["composed", "analytic"], ["no norm"]],
      ["none", [], ["tf.layers"]],
    ] as const
  ) {
    const before = tf.memory().numTensors;
    const field = stepField(jobOf(norm, "mlp", "tensorflow"), 0);
    assertEquals(field.failed, []);
    assertEquals(namesOf(field.contenders), [
      ...["compiled", "compiled by XLA", "eager"],
      ...[...others, ...references],
    ]);
    const modes = field.contenders.slice(0, 3).map(({ mode }) => mode!());
    assertEquals(modes, ["graph", "xla", "eager"]);
    for (const contender of field.contenders) await runOnce(contender, 0);
    field.dispose();
    assertEquals(tf.memory().numTensors, before, `${norm} norm leaked tensors`);
  }
});

testOn("wasm", "where a backend has no graphs, no step is called compiled", async () => {
  const before = tf.memory().numTensors;
  const field = stepField(jobOf("group", "mlp", "wasm"), 0);
  assertEquals(namesOf(field.contenders), ["eager", "composed", "analytic", "no norm"]);
  assertEquals(new Set(field.contenders.map(({ mode }) => mode!())), new Set(["eager"]));
  for (const contender of field.contenders) await runOnce(contender, 0);
  field.dispose();
  assertEquals(tf.memory().numTensors, before);
});

testOn("tensorflow", "every contender trains the same network, and reads its loss", async () => {
  const field = stepField(jobOf("batch", "mlp", "tensorflow"), 0);
  assertEquals(field.reads, "loss");
  const { prototype } = tf.Tensor as unknown as { prototype: Reading };
  const { data, dataSync } = prototype;
  const losses: number[] = [];
  const note = <T extends ArrayLike<number>>(values: T): T => {
    if (values.length === 1) losses.push(values[0]!);
    return values;
  };
  prototype.data = async function () {
    return note(await data.call(this));
  };
  prototype.dataSync = function () {
    return note(dataSync.call(this));
  };
  try {
    for (const contender of field.contenders.filter(({ name }) => name !== "no norm")) {
      losses.length = 0;
      for (let step = 0; step < 3; step++) await runOnce(contender, 0);
      assertEquals(losses.length, 3, contender.name);
      // Ten classes, guessed at first.
      assert(losses[0]! > 1.5 && losses[0]! < 4, `${contender.name}: ${losses}`);
      assert(losses[2]! < losses[0]!, `${contender.name}: ${losses}`);
    }
  } finally {
    Object.assign(prototype, { data, dataSync });
    field.dispose();
  }
});

interface Reading {
  data(): Promise<Float32Array>;
  dataSync(): Float32Array;
}

testOn("tensorflow", "a step names the implementation that its network has", () => {
  assertEquals(stepOptions(jobOf("batch", "mlp", "tensorflow")), { implementation: "fused" });
  assertEquals(stepOptions(jobOf("none", "mlp", "tensorflow")), {});
});
