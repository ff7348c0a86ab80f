/**
 * A look at a network near its weights: gradients of a batch there, and what analyses make of them.
 *
 * @module
 */
import type { Tensor } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import { compile, type CompiledStep } from "./compile.ts";
import type { Model, Scalar } from "./description.ts";
import { forwardOf } from "./forward.ts";
import { kernelsOf } from "./initial_weights.ts";
import { softmaxCrossEntropy } from "./loss.ts";

/** What can be probed: a loss of a batch, and the variables that it depends on. */
export interface Differentiable {
  /** The trainable variables, layer by layer from the input on. */
  readonly layers: readonly (readonly tf.Variable[])[];
  /** Variables that computing the loss changes, such as running statistics. */
  readonly states: readonly tf.Variable[];
  /** The loss of a batch. */
  loss(...batch: Tensor[]): Scalar;
}

/** The cross-entropy of a network that ends in logits, in training mode; a batch is images and labels. */
export function classifierLoss(model: Model): Differentiable {
  const forward = forwardOf(model);
  const kernels = new Set(kernelsOf(model).map(({ kernel }) => kernel.id));
  const layers: tf.Variable[][] = [];
  for (const weight of model.trainableWeights as tf.LayerVariable[]) {
    // What follows a kernel, such as its bias or the gamma after it, belongs to its layer.
    if (kernels.has(weight.id) || layers.length === 0) layers.push([]);
    layers.at(-1)!.push(weight.read() as tf.Variable);
  }
  return {
    layers,
    states: (model.nonTrainableWeights as tf.LayerVariable[])
      .map((weight) => weight.read() as tf.Variable),
    loss: (images, labels) => softmaxCrossEntropy(forward(images!), labels!),
  };
}

/** The loss and its gradient, of one tensor for each variable; the caller disposes of them. */
export interface Slope {
  readonly loss: Scalar;
  readonly gradients: readonly Tensor[];
}

/** Takes gradients of a network wherever its weights are put. */
export class Probe {
  readonly #network: Differentiable;
  readonly #variables: readonly tf.Variable[];
  readonly #slope: CompiledStep<Tensor[], Slope>;

  /** @param network The caller disposes of its variables. */
  constructor(network: Differentiable) {
    this.#network = network;
    this.#variables = network.layers.flat();
    this.#slope = compile((...batch: Tensor[]): Slope => {
      const { value, grads } = tf.variableGrads(() => network.loss(...batch), [...this.#variables]);
      return { loss: value, gradients: this.#variables.map(({ name }) => grads[name]!) };
    });
  }

  /** Loss and gradients of a batch at the weights as they are. */
  slope(...batch: Tensor[]): Slope {
    return this.#slope(...batch);
  }

  /** Moves every variable of these layers by `-rate` times its gradient; all layers if left out. */
  descend(gradients: readonly Tensor[], rate: number, isMoved = (_layer: number) => true): void {
    this.#eachVariable((variable, i, layer) => {
      if (!isMoved(layer)) return;
      tf.tidy(() => variable.assign(tf.sub(variable, tf.mul(gradients[i]!, rate))));
    });
  }

  /** The variables' numbers in `gradients`, of one layer. */
  indicesOf(layer: number): number[] {
    const indices: number[] = [];
    this.#eachVariable((_variable, i, of) => {
      if (of === layer) indices.push(i);
    });
    return indices;
  }

  /** How many layers it has. */
  get depth(): number {
    return this.#network.layers.length;
  }

  /** Runs `look`, then puts weights and running statistics back. */
  async quietly<T>(look: () => Promise<T>): Promise<T> {
    const all = [...this.#variables, ...this.#network.states];
    const kept = all.map((variable) => variable.clone());
    try {
      return await look();
    } finally {
      all.forEach((variable, i) => variable.assign(kept[i]!));
      tf.dispose(kept);
    }
  }

  #eachVariable(visit: (variable: tf.Variable, i: number, layer: number) => void): void {
    let i = 0;
    this.#network.layers.forEach((variables, layer) =>
      variables.forEach((variable) => visit(variable, i++, layer))
    );
  }

  /** Frees the compiled step; the variables stay. */
  dispose(): void {
    this.#slope.dispose();
  }
}

/** What the loss does along a gradient. */
export interface Landscape {
  /** The loss at every step length. */
  readonly losses: readonly number[];
  /** ||g(w - a g) - g(w)|| at every step length a. */
  readonly gradientChanges: readonly number[];
  /** The largest ||difference of gradients|| / ||distance|| between the start and a point of the walk. */
  readonly smoothness: number;
}

/**
 * Walks along the gradient of a batch, which stays fixed: loss, predictiveness of the gradient, and
 * effective beta-smoothness, as Santurkar et al. 2018 define them (section 3.1).
 *
 * @param lengths Step lengths a: the walk goes to w - a g.
 */
export function walkAlongGradient(
  probe: Probe,
  lengths: readonly number[],
  ...batch: Tensor[]
): Promise<Landscape> {
  return probe.quietly(async () => {
    const start = probe.slope(...batch);
    try {
      const norm = await lengthOf(start.gradients);
      const losses: number[] = [];
      const gradientChanges: number[] = [];
      let reached = 0;
      for (const length of lengths) {
        probe.descend(start.gradients, length - reached);
        reached = length;
        const there = probe.slope(...batch);
        losses.push((await there.loss.data())[0]!);
        gradientChanges.push(await distanceOf(there.gradients, start.gradients));
        disposeSlope(there);
      }
      const smoothness = Math.max(
        ...gradientChanges.map((change, i) => change / (lengths[i]! * norm)),
      );
      return { losses, gradientChanges, smoothness };
    } finally {
      disposeSlope(start);
    }
  });
}

/** How much the gradient of a layer changes when the layers before it are updated. */
export interface LayerShift {
  /** ||G - G'||. */
  readonly distance: number;
  /** Their cosine; NaN where one of them is 0. */
  readonly cosine: number;
}

/**
 * Internal covariate shift of every layer, as the change of its gradient: G at the weights as they are, G'
 * after the layers before it have made their step of gradient descent, on the same batch (Santurkar et al.
 * 2018, definition 2.1). That of the first layer is 0.
 */
export function covariateShift(
  probe: Probe,
  rate: number,
  ...batch: Tensor[]
): Promise<LayerShift[]> {
  return probe.quietly(async () => {
    const before = probe.slope(...batch);
    try {
      const shifts: LayerShift[] = [];
      for (let layer = 0; layer < probe.depth; layer++) {
        if (layer > 0) probe.descend(before.gradients, rate, (each) => each === layer - 1);
        const after = probe.slope(...batch);
        const own = probe.indicesOf(layer);
        const [a, b] = [before, after].map(({ gradients }) => own.map((i) => gradients[i]!));
        shifts.push({ distance: await distanceOf(a!, b!), cosine: await cosineOf(a!, b!) });
        disposeSlope(after);
      }
      return shifts;
    } finally {
      disposeSlope(before);
    }
  });
}

/** Frees a slope. */
export function disposeSlope({ loss, gradients }: Slope): void {
  tf.dispose([loss, ...gradients]);
}

/** ||a||, of all tensors together. */
export async function lengthOf(a: readonly Tensor[]): Promise<number> {
  return Math.sqrt(await productOf(a, a));
}

async function distanceOf(a: readonly Tensor[], b: readonly Tensor[]): Promise<number> {
  const differences = tf.tidy(() => a.map((each, i) => tf.sub(each, b[i]!)));
  const length = await lengthOf(differences);
  tf.dispose(differences);
  return length;
}

async function cosineOf(a: readonly Tensor[], b: readonly Tensor[]): Promise<number> {
  const [product, first, second] = [await productOf(a, b), await lengthOf(a), await lengthOf(b)];
  return product / (first * second);
}

/** The sum over all elements of a b. */
async function productOf(a: readonly Tensor[], b: readonly Tensor[]): Promise<number> {
  const products = tf.tidy(() => tf.stack(a.map((each, i) => tf.sum(tf.mul(each, b[i]!)))));
  const values = await products.data<"float32">();
  products.dispose();
  return values.reduce((sum, value) => sum + value, 0);
}
