import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "../../../norms/basics/tf.ts";
import { runProgram } from "../../run/task_testing.ts";
import { MissingError } from "../../../norms/basics/errors.ts";
import { assertHealthy, useBackend } from "../active_backend.ts";
import { testOn } from "../backends_testing.ts";
import { adapterName, isSoftware, requestAdapter } from "./device.ts";
import type { WebGPUBackend } from "./device.ts";

const device = () => (tf.engine().backend as WebGPUBackend).device;

testOn("webgpu", "computes on the device, even small inputs", async () => {
  assertEquals(tf.getBackend(), "webgpu");
  assert((await useBackend("webgpu")).device.length > 0);
  const sum = tf.add(tf.tensor1d([1, 2]), 3);
  const { resource } = (tf.engine().backend as WebGPUBackend).tensorMap.get(sum.dataId);
  assert(resource !== undefined, "the sum lies in JavaScript, not on the device");
  assertEquals(Array.from(await sum.data()), [4, 5]);
  sum.dispose();
  await assertHealthy();
});

testOn("webgpu", "asks for all storage that the adapter offers", async () => {
  const adapter = await requestAdapter();
  for (const limit of ["maxStorageBuffersPerShaderStage", "maxBufferSize"] as const) {
    const offered = Math.min(adapter.limits[limit], Number.MAX_SAFE_INTEGER);
    assertEquals(device().limits[limit], offered, limit);
  }
});

testOn("webgpu", "adds up more tensors than a default device can bind", async () => {
  if (device().limits.maxStorageBuffersPerShaderStage < 13) {
    console.warn("the adapter binds fewer than 13 buffers: the sum of 12 tensors is not checked");
    return;
  }
  const parts = Array.from({ length: 12 }, (_, i) => tf.fill([3], i));
  const sum = tf.addN(parts);
  assertEquals(Array.from(await sum.data()), [66, 66, 66]);
  await assertHealthy();
  tf.dispose([...parts, sum]);
});

testOn("webgpu", "reports an operation that fails, once", async () => {
  const count = device().limits.maxStorageBuffersPerShaderStage + 8;
  const parts = Array.from({ length: count }, (_, i) => tf.fill([3], i));
  const sum = tf.addN(parts);
  const error = await assertRejects(assertHealthy, Error);
  assertStringIncludes(error.message, "WebGPU reported an error");
  tf.dispose([...parts, sum]);
  await assertHealthy();
});

testOn("webgpu", "a tensor over 128 MiB is right on webgpu, or it is an error", async () => {
  const size = 2 ** 25 + 64;
  const ones = tf.ones([size]);
  const sum = tf.add(ones, 1);
  const last = tf.slice(sum, [size - 2]);
  const values = Array.from(await last.data());
  tf.dispose([ones, sum, last]);
  const health = await assertHealthy().catch((error: Error) => error);
  assert(health instanceof Error || values.join() === "2,2", `silently gave ${values}`);
});

testOn("webgpu", "a lost device is an error until the backend is activated again", async () => {
  device().destroy();
  await device().lost;
  for (let i = 0; i < 2; i++) {
    const error = await assertRejects(assertHealthy, Error);
    assertStringIncludes(error.message, "device was lost");
  }
  await useBackend("webgpu");
  await assertHealthy();
});

Deno.test("where no adapter answers, webgpu is missing and the remedy names a driver", async () => {
  const { code, output, errors } = await runProgram(
    `
    import { inspectBackends } from "${new URL("../active_backend.ts", import.meta.url)}";
    navigator.gpu.requestAdapter = () => Promise.resolve(null);
    const statuses = await inspectBackends();
    console.log(JSON.stringify(statuses.find(({ name }) => name === "webgpu")));
    `,
    "--allow-read",
  );
  assertEquals(code, 0, errors);
  const { works, reason, remedy } = JSON.parse(output);
  assertEquals(works, false);
  assertStringIncludes(reason, "no graphics adapter");
  assertStringIncludes(remedy, "mesa-vulkan-drivers");
});

Deno.test({
  name: "on Linux, drivers start without a window system and without OpenGL",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const variables = ["XDG_RUNTIME_DIR", "DENO_WEBGPU_BACKEND"];
    const values = () => variables.map((variable) => Deno.env.get(variable));
    const before = values();
    const found: unknown[] = [];
    navigator.gpu.requestAdapter = () => {
      found.push(...values());
      return Promise.resolve(null);
    };
    try {
      await assertRejects(requestAdapter, MissingError, "no graphics adapter");
    } finally {
      Reflect.deleteProperty(navigator.gpu, "requestAdapter");
    }
    assertEquals(found, [before[0] ?? "/", before[1] ?? "vulkan"]);
    assertEquals(values(), before);
  },
});

const info = (fields: Partial<GPUAdapterInfo>) =>
  ({ vendor: "", architecture: "", device: "", description: "", ...fields }) as GPUAdapterInfo;

Deno.test("an adapter is named by its description, or by vendor and architecture", () => {
  assertEquals(adapterName(info({ description: "A card", vendor: "maker" })), "A card");
  assertEquals(adapterName(info({ vendor: "maker", architecture: "x1" })), "maker x1");
  assertEquals(adapterName(info({})), "unknown");
});

Deno.test("software rendering is recognized by the name of the adapter", () => {
  assert(isSoftware(info({ description: "llvmpipe (LLVM 15.0.6, 256 bits)" })));
  assert(isSoftware(info({ description: "SwiftShader Device" })));
  assert(isSoftware(info({ description: "Microsoft Basic Render Driver" })));
  assert(isSoftware(info({ description: "Some adapter", isFallbackAdapter: true })));
  assert(!isSoftware(info({ description: "NVIDIA H100" })));
});
