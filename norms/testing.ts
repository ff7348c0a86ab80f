/**
 * What the tests of the norms share.
 *
 * @module
 */
import {
  assertHealthy,
  type BackendName,
  inspectBackends,
  useBackend,
} from "../harness/backend/backend.ts";
import { standardNormal, uniformStream } from "../fixtures/random.ts";
import { type Shape, size } from "./shape.ts";
import * as tf from "./tf.ts";

/** Every backend but the one that is there for comparison. */
const STATUSES = (await inspectBackends()).filter(({ name }) => name !== "wasm-stock");

for (const { name, works, reason } of STATUSES) {
  if (!works) console.warn(`the tests on ${name} do not run: ${reason}`);
}

/**
 * Registers a test for every backend; where one does not work here, its test counts as ignored.
 *
 * Tensors that `run` makes are disposed of when it ends.
 */
export function testOnEveryBackend(
  name: string,
  run: (backend: BackendName) => void | Promise<void>,
): void {
  for (const { name: backend, works } of STATUSES) {
    Deno.test(`${backend}: ${name}`, { ignore: !works }, async () => {
      await useBackend(backend);
      tf.engine().startScope();
      try {
        await run(backend);
        await assertHealthy();
      } finally {
        tf.engine().endScope();
      }
    });
  }
}

/** Standard normal float32 values, the same for the same seed. */
export function normalValues(shape: Shape, seed: string): Float32Array {
  return Float32Array.from(standardNormal(size(shape), uniformStream(seed)));
}

/** Those values as a tensor. */
export function normalTensor(shape: Shape, seed: string): tf.Tensor {
  return tf.tensor(normalValues(shape, seed), [...shape]);
}

/** The values of tensors, read without blocking, as WebGPU demands. */
export async function valuesOf(...tensors: readonly tf.Tensor[]): Promise<number[][]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  return values.map((typed) => Array.from(typed));
}
