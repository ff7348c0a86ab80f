/** The deep linear network of Santurkar et al. 2018, with batch norm or without. */
import { standardNormal, uniformStream } from "../../../norms/basics/random.ts";
import * as tf from "../../../norms/basics/tf.ts";
import type { NormChoice, Scalar } from "../../../models/description.ts";
import { chosenNorm } from "../../../models/norm_layer.ts";
import type { Differentiable } from "../../../models/probe.ts";

/** Layers, units of each, and samples, which are all in one batch. */
export const DEEP_LINEAR = { layers: 25, units: 10, samples: 1000 } as const;

/** A network, its only batch, and how to free both. */
export interface DeepLinear {
  readonly network: Differentiable;
  readonly batch: readonly [x: tf.Tensor, target: tf.Tensor];
  dispose(): void;
}

/**
 * Mean over the samples of ||W_25 ... W_1 x - A x||^2, x and A normal, weights as Glorot draws them.
 *
 * With a norm that works on data, each product but the last is normalized, over the samples by batch norm.
 */
export function deepLinear(norm: NormChoice, seed: number): DeepLinear {
  const { layers, units, samples } = DEEP_LINEAR;
  const draw = (name: string, shape: [number, number], deviation: number) =>
    tf.tensor2d(
      Float32Array.from(
        standardNormal(shape[0] * shape[1], uniformStream(`${seed}/deep-linear/${name}`)),
        (value) => value * deviation,
      ),
      shape,
    );
  const x = draw("x", [samples, units], 1);
  const target = tf.tidy(() => tf.matMul(x, draw("A", [units, units], 1)));
  const variable = (make: () => tf.Tensor) => tf.tidy(() => tf.variable(make()));
  const kernels = Array.from(
    { length: layers },
    (_, layer) => variable(() => draw(`W${layer}`, [units, units], Math.sqrt(1 / units))),
  );
  const normalize = normalizer(norm, units);
  const parameters = kernels.map((_, layer) =>
    normalize === undefined || layer === layers - 1
      ? undefined
      : { gamma: variable(() => tf.ones([units])), beta: variable(() => tf.zeros([units])) }
  );
  const network: Differentiable = {
    layers: kernels.map((kernel, layer) => [kernel, ...Object.values(parameters[layer] ?? {})]),
    states: [],
    loss: (x, target) => {
      const y = kernels.reduce<tf.Tensor>((h, kernel, layer) => {
        const product = tf.matMul(h as tf.Tensor2D, kernel as unknown as tf.Tensor2D);
        const learned = parameters[layer];
        return learned === undefined ? product : normalize!(product, learned);
      }, x!);
      return tf.mean(tf.sum(tf.square(tf.sub(y, target!)), 1)) as Scalar;
    },
  };
  return {
    network,
    batch: [x, target],
    dispose: () => tf.dispose([x, target, ...network.layers.flat()]),
  };
}

type Learned = { readonly gamma: tf.Tensor; readonly beta: tf.Tensor };

function normalizer(choice: NormChoice, units: number) {
  const chosen = chosenNorm(choice);
  if (chosen === undefined) return undefined;
  const [, implementation] = Object.entries(chosen.norm.implementations)[0]!;
  const options = { ...chosen.options, training: true, epsilon: 1e-5 };
  return (x: tf.Tensor, learned: Learned): tf.Tensor => {
    const states = chosen.norm.inputs([DEEP_LINEAR.samples, units], options)
      .filter(({ role }) => role === "state")
      .map(({ name, shape }) => [name, tf.ones([...shape])] as const);
    return implementation({ x, ...learned, ...Object.fromEntries(states) }, options)["y"]!;
  };
}
