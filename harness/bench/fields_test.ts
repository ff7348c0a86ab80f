import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { normByName, NORMS } from "../../norms/registry.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import type { BackendName } from "../backend/registry.ts";
import { runOnce } from "./contender.ts";
import { plainOperation } from "./bandwidth.ts";
import { normField } from "./fields.ts";
import { checkShape } from "./inputs.ts";
import { type NormJob, optionsFor } from "./jobs.ts";

const SHAPE = [4, 3, 3, 8];

function jobOf(name: string, backend: BackendName, workload: NormJob["workload"]): NormJob {
  const norm = normByName(name);
  return { backend, norm, workload, shape: SHAPE, options: optionsFor(norm, SHAPE)! };
}

const build = (job: NormJob) => normField(job, plainOperation("abs"), 0);

/** The largest difference between what two contenders return first. */
async function difference(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): Promise<number> {
  const worst = tf.tidy(() => tf.max(tf.abs(tf.sub(a[0]!, b[0]!))));
  const [value] = await worst.data();
  worst.dispose();
  return value!;
}

testOnEveryBackend("contenders of a norm do the same work, and leak nothing", async (backend) => {
  for (const { name } of NORMS) {
    const before = tf.memory().numTensors;
    const field = build(jobOf(name, backend, "forward+backward"));
    const customs = field.contenders.filter(({ role }) => role !== "copy");
    // The gradient of x, or of the kernel, is among the first that each returns.
    const results = await Promise.all(customs.map((contender) => contender.run(1)));
    for (const [place, result] of results.entries()) {
      assertEquals(result.map(({ shape }) => shape), results[0]!.map(({ shape }) => shape));
      assertLess(await difference(result, results[0]!), 1e-4, customs[place]!.name);
    }
    tf.dispose(results.flat());
    field.dispose();
    assertEquals(tf.memory().numTensors, before, `${name} norm leaked tensors`);
  }
});

testOnEveryBackend("running a contender leaks nothing", (backend) => {
  for (const workload of ["forward", "forward+backward"] as const) {
    const field = build(jobOf("batch", backend, workload));
    const before = tf.memory().numTensors;
    field.contenders.forEach((contender) => runOnce(contender, 5));
    assertEquals(tf.memory().numTensors, before);
    field.dispose();
  }
});

testOn("cpu", "a reference that tf.layers does not have is listed as failed", () => {
  const field = build(jobOf("group", "cpu", "forward"));
  assertEquals(field.failed.map(({ name, role }) => [name, role]), [["tf.layers", "reference"]]);
  assert(field.failed[0]!.error.includes("groupNormalization does not exist"));
  assertEquals(field.contenders.map(({ name }) => name), [
    "composed",
    "analytic",
    "textbook",
    "abs",
  ]);
  field.dispose();
});

testOn("cpu", "the layer of a reference is built once for all runs", () => {
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
  field.dispose();
});

testOn("tensorflow", "TensorFlow's fused batch norm takes part", () => {
  const field = build(jobOf("batch", "tensorflow", "forward"));
  assert(field.contenders.some(({ name }) => name === "FusedBatchNormV3"));
  field.dispose();
});

Deno.test("a shape that does not fit in memory is refused with figures", () => {
  checkShape([1024, 1024], "cpu", 2 ** 30);
  assertThrows(
    () => checkShape([65536, 65536], "cpu", 2 ** 34),
    RangeError,
    "[65536, 65536] does not fit in memory: it needs about 224.0 GiB, and 16.0 GiB are available",
  );
});

Deno.test("WebAssembly addresses two gigabytes, whatever the machine has", () => {
  checkShape([8192, 8192], "cpu", 2 ** 40);
  assertThrows(
    () => checkShape([8192, 8192], "wasm", 2 ** 40),
    RangeError,
    "2.0 GiB are available",
  );
});

Deno.test({
  name: "without the permission to ask, memory is assumed to suffice",
  permissions: { sys: false },
  fn: () => checkShape([65536, 65536], "cpu"),
});
