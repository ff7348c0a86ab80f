/**
 * Subjects: whatever can be held against an oracle, a function of tensors or a `tf.layers` layer.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { Implementation, Tensors } from "./norm.ts";
import type { NormOptions } from "./options.ts";
import type { Shape } from "./shape.ts";
import type { Layer, Tensor } from "./tensor.ts";

/** Something that maps named inputs to named outputs and can be differentiated. */
export interface Subject<O extends NormOptions = NormOptions> {
  /** The outputs, `y` among them; updated states keep the name of the input they replace. */
  forward(inputs: Tensors, options: O): Tensors;
  /** Gradients of `sum(y * dy)` with respect to the inputs named in `wrt`. */
  gradients(inputs: Tensors, options: O, dy: Tensor, wrt: readonly string[]): Tensors;
}

/** Picks the values of `names`, in their order. */
function pick(tensors: Tensors, names: readonly string[]): Tensor[] {
  return names.map((name) => {
    const tensor = tensors[name];
    if (tensor === undefined) throw new TypeError(`there is no tensor ${name}`);
    return tensor;
  });
}

/** Gradient of `f` by the tape, keyed by the names of `inputs`. */
function tapeGradients(
  f: () => Tensor,
  inputs: Tensors,
  wrt: readonly string[],
  dy: Tensor,
): Tensors {
  const gradients = tf.grads(f)(pick(inputs, wrt), dy);
  return Object.fromEntries(wrt.map((name, i) => [name, gradients[i]!]));
}

/** A subject made of a function of tensors. */
export function functionSubject<O extends NormOptions>(
  implementation: Implementation<O>,
): Subject<O> {
  return {
    forward: (inputs, options) => implementation(inputs, options),
    gradients: (inputs, options, dy, wrt) =>
      tapeGradients(() => pick(implementation(inputs, options), ["y"])[0]!, inputs, wrt, dy),
  };
}

/** `moving_mean` of `batch_normalization_3/moving_mean` as the norms name it: `movingMean`. */
function weightName(variable: Layer["weights"][number]): string {
  const last = variable.name.split("/").at(-1)!.replace(/_\d+$/, "");
  return last.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Builds the layer, gives it the inputs' values as weights and applies it to `x`. */
function withLayer<T>(
  layer: Layer,
  inputs: Tensors,
  use: (weights: Record<string, Tensor>) => T,
): T {
  const shape = pick(inputs, ["x"])[0]!.shape;
  layer.build([null, ...shape.slice(1)]);
  const names = layer.weights.map(weightName);
  try {
    layer.setWeights(pick(inputs, names));
    return use(Object.fromEntries(layer.weights.map((weight, i) => [names[i]!, weight.read()])));
  } finally {
    // Layer.dispose refuses a layer that is in no model.
    for (const weight of layer.weights) weight.dispose();
  }
}

/**
 * A subject made of a layer with weights of the inputs' names.
 *
 * @param make Builds a fresh layer for the options; called once for every evaluation.
 */
export function layerSubject<O extends NormOptions>(
  make: (options: O, shape: Shape) => Layer,
): Subject<O> {
  const apply = (layer: Layer, x: Tensor, options: O): Tensor => {
    const y = layer.apply(x, { training: options.training ?? false });
    if (!(y instanceof tf.Tensor)) throw new TypeError("the layer did not return one tensor");
    return y;
  };
  return {
    forward(inputs, options) {
      const [x] = pick(inputs, ["x"]) as [Tensor];
      const layer = make(options, x.shape);
      return withLayer(layer, inputs, (weights) => {
        const y = apply(layer, x, options);
        // Variables die with the layer; what they hold now is an output.
        const states = Object.entries(weights).map(([name, value]) => [name, value.clone()]);
        return { ...Object.fromEntries(states), y };
      });
    },
    gradients(inputs, options, dy, wrt) {
      const [x] = pick(inputs, ["x"]) as [Tensor];
      const layer = make(options, x.shape);
      return withLayer(
        layer,
        inputs,
        (weights) => tapeGradients(() => apply(layer, x, options), { ...weights, x }, wrt, dy),
      );
    },
  };
}
