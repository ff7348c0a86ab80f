import { checkCount } from "../norms/basics/options.ts";
import { lengthOf, type Shape } from "../norms/basics/shape.ts";
import type { Layer } from "../norms/basics/tensor.ts";
import * as tf from "../norms/basics/tf.ts";
import type { Activation, Model, ModelDescription } from "./description.ts";
import { activeGraphs } from "./graph/runtime.ts";
import { drawInitialWeights } from "./initial_weights.ts";
import { hasBeta, kernelLayer, NORM_SETTINGS, normLayer, type NormSettings } from "./norm_layer.ts";
import { LEAKY_SLOPE } from "./operations.ts";

/**
 * Builds a network that ends in logits.
 *
 *     mlp               flatten, {dense, norm, activation} for each of `hidden`, dense
 *     fully-connected   the same; keeps every bias, as course material does
 *     cnn               {conv 3x3, norm, activation, max pool 2x2} for each of `hidden`, flatten, dense
 *
 * Norm and activation change places where `placement` is `post`. Convolutions pad, so that they keep
 * height and width. A norm of kernels replaces those of the hidden layers, whatever the placement; the
 * last layer is plain in every network. The bias of an `mlp` or `cnn` is left out where a norm with a
 * beta follows at once. Leaky ReLU has slope 0.01.
 *
 * @param input Shape of a sample; the `cnn` takes [height, width, channels].
 * @param classes Number of logits.
 * @param seed Equal seeds give equal kernels, whatever the norm and the backend.
 * @param settings Epsilon, momentum and implementation of the norms.
 * @throws {RangeError} if a number of units is not a positive whole number, the weight scale is not
 * positive, there is no such architecture, placement, activation or norm, the norm does not fit its
 * place, or the images are too small for the pools of a `cnn`.
 */
export function buildModel(
  description: ModelDescription,
  input: Shape,
  classes: number,
  seed: number,
  settings: NormSettings = NORM_SETTINGS,
): Model {
  check(description, input, classes);
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [...input] })] });
  try {
    const isCnn = description.architecture === "cnn";
    const flatten = () => {
      if (sampleShape(model).length > 1) model.add(tf.layers.flatten());
    };
    if (!isCnn) flatten();
    for (const units of description.hidden) {
      addBlock(model, description, settings, units);
      if (isCnn) model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    }
    flatten();
    model.add(dense(classes, true));
    drawInitialWeights(model, description, seed);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

/** Whether XLA compiles the steps of such a network on the active backend: it has no form of the pooling of a `cnn`. */
export function compilesByXla({ architecture }: ModelDescription): boolean {
  return typeof activeGraphs() !== "string" && architecture !== "cnn";
}

type Named = Pick<ModelDescription, "architecture" | "placement" | "activation">;

const NAMES: { readonly [field in keyof Named]: readonly Named[field][] } = {
  architecture: ["mlp", "cnn", "fully-connected"],
  placement: ["pre", "post"],
  activation: ["relu", "leakyRelu", "sigmoid"],
};

function check(description: ModelDescription, input: Shape, classes: number): void {
  const { architecture, hidden, weightScale } = description;
  for (const [field, names] of Object.entries(NAMES)) {
    const name = description[field as keyof Named];
    if ((names as readonly string[]).includes(name)) continue;
    throw new RangeError(`there is no ${field} "${name}": choose one of ${names.join(", ")}`);
  }
  hidden.forEach((units) => checkCount("hidden", units));
  checkCount("classes", classes);
  if (weightScale !== "auto" && !(Number.isFinite(weightScale) && weightScale > 0)) {
    throw new RangeError(
      `weight scale ${weightScale} is not a positive number: give one, or "auto"`,
    );
  }
  if (architecture !== "cnn") return;
  const [height = 0, width = 0] = input;
  if (input.length !== 3 || Math.min(height, width) < 2 ** hidden.length) {
    throw new RangeError(
      `images of shape [${
        input.join(", ")
      }] do not suit a cnn with ${hidden.length} pools of 2x2: ` +
        "give [height, width, channels], large enough, or choose fewer convolutions",
    );
  }
}

/** A layer with weights, its norm and its activation, in the order that the placement says. */
function addBlock(
  model: Model,
  { architecture, norm, placement, activation }: ModelDescription,
  settings: NormSettings,
  units: number,
): void {
  const repeated = placement === "pre" && hasBeta(norm) && architecture !== "fully-connected";
  const sample = sampleShape(model);
  const inputs = lengthOf(sample, sample.length - 1);
  const normalized = sample.length === 1
    ? kernelLayer(norm, [inputs, units], {}, settings)
    : kernelLayer(norm, [KERNEL, KERNEL, inputs, units], { padding }, settings);
  const plain = sample.length === 1 ? dense : convolution;
  model.add(normalized ?? plain(units, !repeated));
  if (placement === "post") model.add(activationLayer(activation));
  const normalization = normLayer(norm, sampleShape(model), settings);
  if (normalization !== undefined) model.add(normalization);
  if (settings.then !== undefined) model.add(settings.then(sampleShape(model)));
  if (placement === "pre") model.add(activationLayer(activation));
}

function sampleShape(model: Model): Shape {
  return (model.outputs[0]!.shape as number[]).slice(1);
}

/** Side of the convolutions' kernels. */
const KERNEL = 3;
const padding = "same";
// Kernels are drawn when all layers are there.
const kernelInitializer = "zeros";

function dense(units: number, useBias: boolean): Layer {
  return tf.layers.dense({ units, useBias, kernelInitializer });
}

function convolution(filters: number, useBias: boolean): Layer {
  return tf.layers.conv2d({ filters, kernelSize: KERNEL, padding, useBias, kernelInitializer });
}

function activationLayer(activation: Activation): Layer {
  return activation === "leakyRelu"
    ? tf.layers.leakyReLU({ alpha: LEAKY_SLOPE })
    : tf.layers.activation({ activation });
}
