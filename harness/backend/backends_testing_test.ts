import { assertEquals, assertRejects } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import type { WebGPUBackend } from "./webgpu/device.ts";
import { runOn, testOn, testOnEveryBackend } from "./backends_testing.ts";

testOnEveryBackend("is active in its tests", (backend) => {
  assertEquals(tf.getBackend(), backend);
});

testOnEveryBackend("tensors that a test leaves are gone after it", async (backend) => {
  const before = tf.memory().numTensors;
  await runOn(backend, () => void tf.ones([2]));
  assertEquals(tf.memory().numTensors, before);
});

testOn(
  "webgpu",
  "an error that only the device reports fails the test that caused it",
  async () => {
    const addTooMany = () => {
      const { device } = tf.backend() as WebGPUBackend;
      const count = device.limits.maxStorageBuffersPerShaderStage + 8;
      tf.addN(Array.from({ length: count }, (_, i) => tf.fill([3], i)));
    };
    await assertRejects(() => runOn("webgpu", addTooMany), Error, "WebGPU reported an error");
    await runOn("webgpu", () => {});
  },
);
