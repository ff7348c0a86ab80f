/**
 * Loads a setup and computes with it once: `verify.ts DIR`. It is a separate process, because libraries
 * that do not suit the machine can end the process that loads them.
 *
 * Prints what was loaded as JSON; or why it does not work, and exits with status 1.
 *
 * @module
 */
import { loadTensorflow } from "../backend/tensorflow/load.ts";
import { hasNativeKernels } from "../../norms/fused/tensorflow/tensorflow_kernels.ts";
import { compile } from "../../models/compile.ts";
import * as tf from "../../norms/basics/tf.ts";

async function verify(dir: string): Promise<void> {
  const description = await loadTensorflow(dir);
  await tf.setBackend("tensorflow");
  const weights = tf.tensor2d([[1, 2], [3, 4]]);
  const loss = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, weights).square().sum();
  const gradient = tf.grad(loss)(tf.tensor2d([[1, 2], [3, 4]]));
  const expected = [54, 122, 118, 266]; // 2 (x w) w'
  const got = await gradient.data();
  if (tf.getBackend() !== "tensorflow" || expected.some((value, i) => value !== got[i])) {
    throw new Error(`a gradient on ${tf.getBackend()} is [${got}] and not [${expected}]`);
  }
  if (description.hasFusedKernels && !hasNativeKernels()) {
    throw new Error("the fused kernels do not load");
  }
  if (description.hasGraphs) {
    const step = compile((x: tf.Tensor) => tf.mul(x, x));
    for (const x of [2, 3, 4, 5]) {
      const [square] = await step(x).data();
      if (square !== x * x) throw new Error(`the square of ${x} is ${square} as a graph`);
    }
    if (step.graphs !== 1) throw new Error(`steps do not run as graphs: ${step.reason}`);
  }
  console.log(JSON.stringify(description));
}

if (import.meta.main) {
  try {
    await verify(Deno.args[0] ?? "");
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
