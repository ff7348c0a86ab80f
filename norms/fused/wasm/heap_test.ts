import { assertEquals, assertThrows } from "@std/assert";
import { testOn } from "../../../harness/backend/backends_testing.ts";
import { valuesOf as valuesRead } from "../../basics/tensors_testing.ts";
import * as tf from "../../basics/tf.ts";
import { allocate, tensorOf, valuesOf, withScratch } from "./heap.ts";
import { memoryOf, type WasmBackend } from "./module.ts";

testOn("wasm", "a tensor of doubles is rounded", async () => {
  assertEquals(await valuesRead(tensorOf(Float64Array.of(0.5, 0.1))), [[0.5, Math.fround(0.1)]]);
});

testOn("wasm", "values are written where the tensor is", async () => {
  const tensor = allocate([2, 2]);
  valuesOf(tensor).set([1, 2, 3, 4]);
  assertEquals(await valuesRead(tensor), [[1, 2, 3, 4]]);
});

testOn("wasm", "scratch memory keeps its values while memory grows, and is freed", () => {
  const before = tf.engine().backend.numDataIds();
  const values = Float64Array.of(Math.PI, -1e300);
  const read = withScratch((scratch) => {
    const pointer = scratch.copyOf(values);
    scratch.filled(2 ** 24, 1);
    return scratch.read(pointer, 2);
  });
  assertEquals(read, values);
  assertEquals(tf.engine().backend.numDataIds(), before);
});

testOn("wasm", "scratch memory is freed after an error", () => {
  const before = tf.engine().backend.numDataIds();
  assertThrows(() =>
    withScratch((scratch) => {
      scratch.doubles(8);
      throw new RangeError("stop");
    }), RangeError);
  assertEquals(tf.engine().backend.numDataIds(), before);
});

Deno.test("a backend that hides its memory is refused", () => {
  const backend = { wasm: {} } as WasmBackend;
  assertThrows(() => memoryOf(backend), Error, "does not show its memory");
});
