/**
 * Subjects: what an oracle can judge, a function of tensors or a `tf.layers` layer.
 *
 * @module
 */
import * as tf from "./tf.ts";
import type { NormOptions } from "./options.ts";
import type { Shape } from "./shape.ts";
import type { Layer, Tensor, Tensors } from "./tensor.ts";

/** Something that maps named inputs to named outputs and can be differentiated. */
export interface Subject<O extends NormOptions = NormOptions> {
  /** The outputs, `y` among them; updated states keep the name of the input they replace. */
  forward(inputs: Tensors, options: O): Tensors;
  /** Gradients of `sum(y * dy)` with respect to the inputs named in `wrt`. */
  gradients(inputs: Tensors, options: O, dy: Tensor, wrt: readonly string[]): Tensors;
  /** Sets up for many calls with the same weights; left out where there is nothing to set up. */
  bind?(inputs: Tensors, options: O): BoundSubject;
}

/** A subject with its weights in place, to be called with one `x` after the other. */
export interface BoundSubject {
  /** As {@linkcode Subject.forward}. */
  forward(x: Tensor): Tensors;
  /** As {@linkcode Subject.gradients}. */
  gradients(x: Tensor, dy: Tensor, wrt: readonly string[]): Tensors;
  /** Frees what the set-up made; the inputs stay. */
  dispose(): void;
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
  try {
    const gradients = tf.grads(f)(pick(inputs, wrt), dy);
    return Object.fromEntries(wrt.map((name, i) => [name, gradients[i]!]));
  } catch (error) {
    // TensorFlow.js frees what operations saved for their gradients only if all of them succeed.
    for (const { saved = [] } of tf.engine().state.activeTape ?? []) tf.dispose(saved);
    throw error;
  }
}

/** A subject made of a function of tensors. */
export function functionSubject<O extends NormOptions>(
  implementation: Subject<O>["forward"],
): Subject<O> {
  return {
    forward: (inputs, options) => implementation(inputs, options),
    gradients: (inputs, options, dy, wrt) =>
      tapeGradients(() => pick(implementation(inputs, options), ["y"])[0]!, inputs, wrt, dy),
  };
}

/** `moving_mean` of `batch_normalization_3/moving_mean` as the norms name it: `movingMean`. */
export function weightName(variable: Layer["weights"][number]): string {
  const last = variable.name.split("/").at(-1)!.replace(/_\d+$/, "");
  return last.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Builds the layer and gives it the inputs' values as weights. */
function bindLayer(layer: Layer, inputs: Tensors, options: NormOptions): BoundSubject {
  const shape = pick(inputs, ["x"])[0]!.shape;
  layer.build([null, ...shape.slice(1)]);
  const names = layer.weights.map(weightName);
  const weights = () =>
    Object.fromEntries(layer.weights.map((weight, i) => [names[i]!, weight.read()]));
  // Layer.dispose refuses a layer that is in no model.
  const dispose = () => layer.weights.forEach((weight) => weight.dispose());
  const apply = (x: Tensor): Tensor => {
    const y = layer.apply(x, { training: options.training ?? false });
    if (!(y instanceof tf.Tensor)) throw new TypeError("the layer did not return one tensor");
    return y;
  };
  try {
    layer.setWeights(pick(inputs, names));
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    forward(x) {
      const y = apply(x);
      // Variables die with the layer; what they hold now is an output.
      const states = Object.entries(weights()).map(([name, value]) => [name, value.clone()]);
      return { ...Object.fromEntries(states), y };
    },
    gradients: (x, dy, wrt) => tapeGradients(() => apply(x), { ...weights(), x }, wrt, dy),
    dispose,
  };
}

/**
 * A subject made of a layer with weights of the inputs' names.
 *
 * @param make Builds a fresh layer for the options; called once for every evaluation, or binding.
 */
export function layerSubject<O extends NormOptions>(
  make: (options: O, shape: Shape) => Layer,
): Subject<O> {
  const bind = (inputs: Tensors, options: O): BoundSubject =>
    bindLayer(make(options, pick(inputs, ["x"])[0]!.shape), inputs, options);
  const evaluate = (inputs: Tensors, options: O, use: (bound: BoundSubject) => Tensors) => {
    const bound = bind(inputs, options);
    try {
      return use(bound);
    } finally {
      bound.dispose();
    }
  };
  return {
    bind,
    forward: (inputs, options) =>
      evaluate(inputs, options, (bound) => bound.forward(pick(inputs, ["x"])[0]!)),
    gradients: (inputs, options, dy, wrt) =>
      evaluate(inputs, options, (bound) => bound.gradients(pick(inputs, ["x"])[0]!, dy, wrt)),
  };
}
