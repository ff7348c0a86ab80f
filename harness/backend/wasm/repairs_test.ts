import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import { testOn } from "../backends_testing.ts";
import { installRepairs, KERNEL_REPAIRS, onStockKernels, removeRepairs } from "./repairs.ts";

const registered = (kernelName: string) => tf.getKernel(kernelName, "wasm")?.kernelFunc;

function assertAll(which: "stock" | "repaired"): void {
  for (const repair of KERNEL_REPAIRS) {
    assertStrictEquals(registered(repair.kernelName), repair[which], repair.kernelName);
  }
}

Deno.test("installing and removing the repairs switches every kernel, any number of times", () => {
  for (let i = 0; i < 2; i++) {
    installRepairs();
    assertAll("repaired");
    installRepairs();
    assertAll("repaired");
    removeRepairs();
    assertAll("stock");
    removeRepairs();
    assertAll("stock");
  }
});

Deno.test("a kernel that stock wasm lacks is gone again once the repairs are removed", () => {
  installRepairs();
  assert(tf.getKernel(tf.Conv2DBackpropFilter, "wasm") !== undefined);
  removeRepairs();
  assertEquals(tf.getKernel(tf.Conv2DBackpropFilter, "wasm"), undefined);
});

Deno.test("after a run on the stock kernels the repaired ones are back, even if it throws", () => {
  installRepairs();
  const answer = onStockKernels(() => {
    assertAll("stock");
    return 7;
  });
  assertEquals(answer, 7);
  assertAll("repaired");
  assertThrows(
    () =>
      onStockKernels(() => {
        throw new RangeError("no kernel");
      }),
    RangeError,
    "no kernel",
  );
  assertAll("repaired");
});

Deno.test("switching the kernels warns of nothing on the console", () => {
  const warn = console.warn;
  const lines: unknown[][] = [];
  console.warn = (...line) => lines.push(line);
  try {
    installRepairs();
    removeRepairs();
  } finally {
    console.warn = warn;
  }
  assertEquals(lines, []);
});

Deno.test("repairs installed before the backend first starts leave the stock set-up working", async () => {
  installRepairs();
  await useBackend("wasm-stock");
  const product = tf.tidy(() => tf.matMul([[1, 2]], [[3, 4]], false, true).dataSync());
  assertEquals(Array.from(product), [11]);
});

testOn("wasm", "an identity shares its data, which live as long as one of both", async () => {
  const x = tf.tensor1d([1, 2, 3]);
  const { numDataBuffers } = tf.memory();
  const twin = tf.clone(x);
  assertEquals(tf.memory().numDataBuffers, numDataBuffers);
  x.dispose();
  // Would be overwritten, if it were free.
  const other = tf.tensor1d([7, 8, 9]);
  assertEquals([...await twin.data()], [1, 2, 3]);
  tf.dispose([twin, other]);
  assertEquals(tf.memory().numDataBuffers, numDataBuffers - 1);
  const words = tf.tensor1d(["a", "b"]);
  assertEquals([...await tf.clone(words).data()] as unknown, ["a", "b"]);
});
