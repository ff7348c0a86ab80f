/**
 * The operations of a network, with gradients that native TensorFlow has kernels for.
 *
 * Where TensorFlow.js needs many passes over memory, TensorFlow needs one: the gradient of
 * ReLU takes six operations, that of a bias three, and max pooling looks for its maxima a second time.
 * On every other backend these are the functions of TensorFlow.js.
 */
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Activation } from "./description.ts";
import { onNativeTensorflow, runRaw } from "../norms/fused/tensorflow/raw_operations.ts";

export const LEAKY_SLOPE = 0.01;

/** Adds a bias along the last axis. */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  if (!onNativeTensorflow()) return tf.add(x, bias);
  return tf.customGrad((x, bias) => ({
    value: runRaw("BiasAdd", {}, [x as Tensor, bias as Tensor], 1)[0]!,
    gradFunc: (dy: Tensor) => [dy, runRaw("BiasAddGrad", {}, [dy], 1)[0]!],
  }))(x, bias);
}

interface Differentiable {
  forward(x: Tensor): Tensor;
  gradient(dy: Tensor, y: Tensor): Tensor[];
}

const ACTIVATIONS: Readonly<Record<Activation, Differentiable>> = {
  relu: {
    forward: tf.relu,
    gradient: (dy, y) => runRaw("ReluGrad", {}, [dy, y], 1),
  },
  leakyRelu: {
    forward: (x) => tf.leakyRelu(x, LEAKY_SLOPE),
    // Asks for x, but looks at its sign alone, which is that of y.
    gradient: (dy, y) => runRaw("LeakyReluGrad", { alpha: { real: LEAKY_SLOPE } }, [dy, y], 1),
  },
  sigmoid: {
    forward: tf.sigmoid,
    gradient: (dy, y) => runRaw("SigmoidGrad", {}, [y, dy], 1),
  },
};

export function activate(activation: Activation, x: Tensor): Tensor {
  const { forward, gradient } = ACTIVATIONS[activation];
  if (!onNativeTensorflow()) return forward(x);
  return tf.customGrad((x, save) => {
    const y = forward(x as Tensor);
    (save as tf.GradSaveFunc)([y]);
    return { value: y, gradFunc: (dy: Tensor, [y]: Tensor[]) => gradient(dy, y!) };
  })(x);
}

/** The attributes of max pooling over 2x2 windows that do not overlap. */
const POOL = {
  ksize: [1, 2, 2, 1],
  strides: [1, 2, 2, 1],
  padding: "VALID",
  workspace_enabled: true,
  // By this mark TensorFlow selects oneDNN's kernels over its own.
  _kernel: "MklNameChangeOp",
} as const;

/**
 * Takes the largest of every 2x2 window of images.
 *
 * Of several that are equal the first gets the gradient; on unmodified `webgpu`, the last.
 *
 * TensorFlow's own gradient looks for the maxima again, one value after the other. oneDNN, which comes
 * with it on most processors, keeps their places from the forward pass, and is many times as fast.
 */
export function maxPool(x: tf.Tensor4D): Tensor {
  if (!onNativeTensorflow() || !hasOneDnn()) return tf.maxPool(x, 2, 2, "valid");
  return tf.customGrad((x, save) => {
    const [y, places] = runRaw("_MklNativeMaxPool", POOL, [x as Tensor], 2);
    (save as tf.GradSaveFunc)([x as Tensor, y!, places!]);
    return {
      value: y!,
      gradFunc: (dy: Tensor, [x, y, places]: Tensor[]) =>
        runRaw("_MklNativeMaxPoolGrad", POOL, [x!, y!, dy, places!], 1),
    };
  })(x);
}

/** Whether oneDNN's kernels are there, by the backend that was asked. */
const oneDnn = new WeakMap<tf.KernelBackend, boolean>();

function hasOneDnn(): boolean {
  const backend = tf.backend();
  const known = oneDnn.get(backend);
  if (known !== undefined) return known;
  const found = tf.tidy(() => {
    try {
      return runRaw("_MklNativeMaxPool", POOL, [tf.zeros([1, 2, 2, 1])], 2).length === 2;
    } catch {
      return false;
    }
  });
  oneDnn.set(backend, found);
  return found;
}
