import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import { batchNorm } from "../../batch_norm.ts";
import { groupNorm } from "../../group_norm.ts";
import { instanceNorm } from "../../instance_norm.ts";
import { layerNorm } from "../../layer_norm.ts";
import type { Norm, Operation } from "../../basics/norm.ts";
import { assertWithinBudgets } from "../../oracle/budget_testing.ts";
import type { NormOptions } from "../../basics/options.ts";
import { rmsNorm } from "../../rms_norm.ts";
import { composedFollow } from "../../basics/statistics.ts";
import type { Shape } from "../../basics/shape.ts";
import { functionSubject } from "../../basics/subject.ts";
import { normalTensor, valuesOf } from "../../basics/tensors_testing.ts";
import * as tf from "../../basics/tf.ts";
import { testOnKernels } from "../fused_testing.ts";
import { nativeFollow } from "./tensorflow_kernels.ts";
import { runRaw } from "./raw_operations.ts";

/** A norm, the shape of `x`, and options. */
type Case = readonly [Operation<never>, Shape, NormOptions & Readonly<Record<string, unknown>>];

const TRAIN = { training: true };

/** Shapes that take each way through the loops, with what vectors and threads leave over. */
const CASES: Readonly<Record<string, Case>> = {
  "rows shorter than a vector": [layerNorm, [7, 3], {}],
  "rows for several threads": [layerNorm, [301, 517], {}],
  "rows of one value": [layerNorm, [9, 1], {}],
  "a single row": [layerNorm, [1, 70_001], {}],
  "long rows, whose sums take turns": [layerNorm, [70, 5003], {}],
  "rows without gamma": [layerNorm, [6, 21], { scale: false }],
  "rows without beta": [layerNorm, [6, 21], { center: false }],
  "rows without either": [layerNorm, [6, 21], { scale: false, center: false }],
  "rows across the data": [layerNorm, [5, 7, 6, 3], { axis: [3, 1] }],
  "rows that are not centred": [rmsNorm, [13, 35], {}],
  "few channels, and a line left over": [batchNorm, [131, 3], TRAIN],
  "channels for several threads": [batchNorm, [41, 11, 5, 37], TRAIN],
  "many channels": [batchNorm, [5, 1003], TRAIN],
  "one channel": [batchNorm, [67, 1], TRAIN],
  "one position": [batchNorm, [1, 5], TRAIN],
  "channels first": [batchNorm, [19, 7, 11, 53], { ...TRAIN, axis: 1 }],
  "channels first, one position": [batchNorm, [19, 7, 1], { ...TRAIN, axis: 1 }],
  "channels without either": [batchNorm, [19, 7], { ...TRAIN, scale: false, center: false }],
  "given statistics": [batchNorm, [19, 7], {}],
  "given statistics, channels first": [batchNorm, [3, 7, 5], { axis: 1 }],
  "given statistics, one sample": [batchNorm, [1, 7], { scale: false, center: false }],
  "groups": [groupNorm, [3, 5, 7, 12], { groups: 4 }],
  "groups, channels first": [groupNorm, [3, 12, 5, 7], { groups: 4, axis: 1 }],
  "groups, channels between": [groupNorm, [3, 5, 12, 7], { groups: 4, axis: 2 }],
  "a single group": [groupNorm, [3, 50, 70, 8], { groups: 1 }],
  "a single group, channels first": [groupNorm, [3, 8, 50, 70], { groups: 1, axis: 1 }],
  "instances": [instanceNorm, [17, 31, 37, 9], {}],
  "instances of one channel": [instanceNorm, [4, 37, 1], {}],
  "instances without gamma": [instanceNorm, [4, 37, 5], { scale: false }],
};

for (const [name, [record, shape, options]] of Object.entries(CASES)) {
  testOnKernels("tensorflow", `kernels are within budget: ${name}`, async () => {
    const norm = record as unknown as Norm;
    const subject = functionSubject(norm.fused!.tensorflow!);
    await assertWithinBudgets(norm, subject, shape, options);
  });
}

testOnKernels("tensorflow", "threads do not change what kernels compute", () => {
  const x = normalTensor([301, 517], "x");
  const gradient = () =>
    tf.grad((x) => layerNorm.fused!.tensorflow!({ x }, { scale: false, center: false })["y"]!)(x);
  const first = gradient();
  for (let i = 0; i < 20; i++) assertEquals(tf.all(tf.equal(gradient(), first)).dataSync()[0], 1);
});

testOnKernels("tensorflow", "running statistics equal those of basic operations", async () => {
  const statistics = (name: string) => ({
    mean: normalTensor([5], `${name} mean`),
    variance: normalTensor([5], `${name} variance`),
  });
  const shares = { old: 0.99, mean: 0.01, variance: 0.0123 };
  const args = [statistics("running"), statistics("batch"), shares] as const;
  const native = nativeFollow(...args);
  const composed = composedFollow(...args);
  for (const name of ["mean", "variance"] as const) {
    const [got, expected] = await valuesOf(native[name], composed[name]);
    got!.forEach((value, i) => assertLessOrEqual(Math.abs(value - expected![i]!), 2 ** -22));
  }
});

const ROWS = { length: 4, period: 1, centred: true, divisor: 4, epsilon: { real: 0 } };

testOnKernels("tensorflow", "kernels reject inputs of the wrong size, and leak nothing", () => {
  const x = tf.ones([2, 4]);
  const refused = (attributes: Record<string, unknown>, ...inputs: tf.Tensor[]) => {
    const before = tf.memory().numTensors;
    const { message } = assertThrows(
      () =>
        runRaw(
          "NormbenchRows",
          { ...ROWS, scale: false, center: false, N: inputs.length - 1, ...attributes },
          inputs,
          4,
        ),
      Error,
    );
    assertEquals(tf.memory().numTensors, before);
    return message.split("Message: ").at(-1)!.split(" [")[0];
  };
  assertEquals(refused({ length: 3 }, x), "x does not consist of whole rows and periods");
  assertEquals(refused({ period: 3 }, x), "x does not consist of whole rows and periods");
  assertEquals(refused({ length: 0 }, x), "rows of no length or no period");
  assertEquals(
    refused({ scale: true }, x, tf.ones([3])),
    "input 1 has 3 elements instead of 4",
  );
});
