/**
 * Whether the operations that Normbench adds to native TensorFlow are there.
 *
 * `deno task setup` compiles them and the backend loads them, where there is a compiler. They run on
 * the processor only: a TensorFlow that computes on a graphics card counts as one without them.
 *
 * @module
 */
import { onNativeTensorflow, runRaw } from "./raw_operations.ts";
import * as tf from "../../basics/tf.ts";

/** Whether the operations are there, by the backend that was asked. */
const known = new WeakMap<tf.KernelBackend, boolean>();

/** Whether the active backend, native TensorFlow, has the operations. */
export function hasNativeKernels(): boolean {
  const backend = tf.backend();
  const found = known.get(backend) ?? (onNativeTensorflow() && answers());
  known.set(backend, found);
  return found;
}

function answers(): boolean {
  return tf.tidy(() => {
    try {
      const one = tf.ones([1]);
      const shares = { old: { real: 1 }, mean_share: { real: 0 }, variance_share: { real: 0 } };
      runRaw("NormbenchFollow", shares, [one, one, one, one], 2);
      return true;
    } catch {
      return false;
    }
  });
}
