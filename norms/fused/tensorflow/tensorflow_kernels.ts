/**
 * The norms on native TensorFlow, by our own operations: see `kernels/`.
 *
 * TensorFlow's own operations pass over the data a dozen times, and there is none for the gradient of
 * most norms. Here a pass forward reads it twice and a pass backward twice, on all threads.
 *
 * @module
 */
import type { Follow } from "../../basics/statistics.ts";
import * as tf from "../../basics/tf.ts";
import type { KernelInput, KernelOutput } from "../kernel_interface.ts";
import type { Layout } from "../layout.ts";
import { type Attributes, onNativeTensorflow, runRaw } from "./raw_operations.ts";

/** An operation, with the attributes that it takes in both directions. */
interface Operation {
  readonly name: "NormbenchRows" | "NormbenchChannels";
  readonly attributes: Attributes;
}

/** Every group a row of neighbours, every column of the `period` rows of a sample a parameter. */
function rows(length: number, period = 1): Operation {
  return { name: "NormbenchRows", attributes: { length, period } };
}

/** Groups of channels, every channel a parameter, over positions before and after the channel axis. */
function channels(samples: number, { before, channels, features }: Layout): Operation {
  return {
    name: "NormbenchChannels",
    attributes: { samples, before, channels: channels * features, groups: channels },
  };
}

function operationFor({ layout, gamma, beta, given }: KernelInput): Operation {
  const { samples, before, channels: count, features, after, perChannel } = layout;
  // Groups of features, as of a dense layer, lie together.
  const together = before === 1 && after === 1 && features > 1 && given === undefined;
  if (perChannel && together) return rows(features, count);
  if (perChannel || before > 1) return channels(samples, layout);
  const hasParameters = gamma !== undefined || beta !== undefined;
  if (given === undefined && (after === 1 || !hasParameters)) return rows(features * after);
  // A parameter for every feature, the same in all channels: each channel counts as a sample.
  return channels(samples * count, { ...layout, channels: 1 });
}

/** The kernels of the backend `tensorflow`, where `deno task setup` has compiled them. */
export function tensorflowKernels(input: KernelInput): KernelOutput {
  const { x, gamma, beta, given, formula: { centred, divisor, epsilon } } = input;
  const { name, attributes: layout } = operationFor(input);
  const attributes = {
    ...layout,
    scale: gamma !== undefined,
    center: beta !== undefined,
    centred,
    divisor,
    ...(name === "NormbenchChannels" && { given: given !== undefined }),
  };
  const parameters = present(gamma, beta, given?.mean, given?.deviation);
  const [y, mean, variance, kept] = runRaw(
    name,
    { ...attributes, epsilon: { real: epsilon }, N: parameters.length },
    [x, ...parameters],
    4,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return {
    y,
    mean,
    variance,
    inverse: () => tf.slice(kept, [1, 0], [1, -1]),
    kept: [mean, kept],
    backward({ dy, x, kept, gamma }) {
      const scale = present(gamma);
      const [dx, dgamma, dbeta] = runRaw(
        `${name}Grad`,
        { ...attributes, N: scale.length },
        [dy, x, ...kept, ...scale],
        3,
      ) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { dx, dgamma, dbeta };
    },
  };
}

function present(...tensors: readonly (tf.Tensor | undefined)[]): tf.Tensor[] {
  return tensors.filter((tensor) => tensor !== undefined);
}

/** The running statistics of batch norm after a step, in one operation. */
export const nativeFollow: Follow = (moving, batch, shares) => {
  const [mean, variance] = runRaw(
    "NormbenchFollow",
    {
      old: { real: shares.old },
      mean_share: { real: shares.mean },
      variance_share: { real: shares.variance },
    },
    [moving.mean, moving.variance, batch.mean, batch.variance],
    2,
  ) as [tf.Tensor, tf.Tensor];
  return { mean, variance };
};

/** Whether the operations are there, by the backend that was asked. */
const known = new WeakMap<tf.KernelBackend, boolean>();

/**
 * Whether the active backend, native TensorFlow, has the operations: they run on the processor only, and
 * `deno task setup` compiles them where there is a compiler.
 */
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
