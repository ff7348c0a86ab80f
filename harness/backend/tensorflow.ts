/**
 * The backend `tensorflow`: native TensorFlow, as `deno task setup` installed it.
 *
 * @module
 */
import { batchNorm } from "../../norms/batch_norm.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { onNativeTensorflow } from "../../norms/fused/tensorflow/raw_operations.ts";
import type { Subject } from "../../norms/basics/subject.ts";
import * as tf from "../../norms/basics/tf.ts";
import { IEEE_FLUSHING } from "../../norms/oracle/bounded.ts";
import { importSystemModule } from "../run/runtime.ts";
import { type Backend, Speed } from "./backend.ts";
import { startTfjsBackend } from "./start.ts";
import { fusedBatchNorm } from "./tensorflow/fused_batch_norm.ts";

/** The kernels of `@tensorflow/tfjs-node` over a libtensorflow. */
export const tensorflow: Backend<"tensorflow"> = {
  name: "tensorflow",
  isNative: true,
  arithmetic: IEEE_FLUSHING,
  async prepare() {
    const { loadTensorflow } = await importLoader();
    const { version, device, notes } = await loadTensorflow();
    await startTfjsBackend("tensorflow");
    return { version, device, notes, speed: Speed.native };
  },
  /** A graphics card queues: a number that is computed and read arrives after all other work. */
  complete() {
    if (!onNativeTensorflow()) tf.tidy(() => tf.add(1, 1).dataSync());
  },
  border() {
    const backend = tf.backend() as unknown as { binding: object };
    // Functions of a native library cannot be replaced; those of an object in front of it can.
    if (Object.getPrototypeOf(backend.binding) === Object.prototype) {
      backend.binding = Object.create(backend.binding);
    }
    const { binding } = backend;
    return [
      { of: binding, method: "executeOp", label: ([operation]) => stepName(String(operation)) },
      ...["createTensor", "deleteTensor", "tensorDataSync"].map((method) => ({
        of: binding,
        method,
      })),
    ];
  },
  references: ({ name }): Readonly<Record<string, Subject>> =>
    name === batchNorm.name ? { FusedBatchNormV3: fusedBatchNorm as Subject } : {},
};

/** The name of an operation; steps that run as one call are numbered. */
function stepName(operation: string): string {
  return operation.replace(/^(NormbenchStep)\d+/, "$1");
}

async function importLoader() {
  const path = "harness/backend/tensorflow/load.ts";
  try {
    return await importSystemModule<typeof import("./tensorflow/load.ts")>(path);
  } catch (cause) {
    const { message, remedy = "let Deno read the sources of Normbench (--allow-read)" } =
      cause as Partial<
        MissingError
      >;
    throw new MissingError(`native TensorFlow is not available: ${message}`, remedy, { cause });
  }
}
