/**
 * Weight normalization.
 *
 * @module
 */
import * as tf from "./basics/tf.ts";
import { applyNorm, checkFloat32, implementationOf } from "./basics/apply.ts";
import { onEachBackend } from "./fused/backends.ts";
import { fusedReparameterization } from "./fused/fused.ts";
import type { Groups, Implementation, InputSpec, Norm, Tensors } from "./basics/norm.ts";
import type { WeightNormOptions } from "./basics/options.ts";
import { dataSpec, MOST_AXES } from "./basics/parameters.ts";
import { lengthOf, range, type Shape } from "./basics/shape.ts";
import { largestMagnitude, mean, scaleConstant, sum } from "./basics/statistics.ts";
import { stockLayer } from "./basics/stock_layer.ts";
import { layerSubject, type Subject } from "./basics/subject.ts";
import { weightNormOracle } from "./oracle/weight_norm.ts";
import type { Tensor } from "./basics/tensor.ts";

/** The axes of a kernel that belong to one output unit: all but the last. */
function unitAxes(kernelShape: Shape): number[] {
  return range(kernelShape.length - 1);
}

/** v / ||v|| per output unit, with ||v||; v is scaled first so that its squares stay in range. */
function direction(v: Tensor): { direction: Tensor; norm: Tensor } {
  const axes = unitAxes(v.shape);
  const scale = largestMagnitude(v, axes);
  const z = scaleConstant(v, v, scale);
  const norm = tf.sqrt(sum(tf.square(z), axes));
  return { direction: tf.div(z, norm), norm: tf.mul(norm, scale) };
}

/** Makes a kernel of v and g. */
type Reparameterize = (v: Tensor, g: Tensor) => Tensor;

/** Sees kernels of many axes as matrices. */
function inFewAxes(reparameterize: Reparameterize): Reparameterize {
  return (v, g) => {
    if (v.rank <= MOST_AXES) return reparameterize(v, g);
    return tf.reshape(reparameterize(tf.reshape(v, [-1, g.size]), g), v.shape);
  };
}

const composedKernel: Reparameterize = inFewAxes((v, g) => tf.mul(direction(v).direction, g));

/** dg = sum(dw u), dv = g / ||v|| (dw - u dg), where u = v / ||v||. */
const analyticKernel: Reparameterize = inFewAxes((v, g) => {
  const { direction: u, norm } = direction(v);
  return tf.customGrad((_v, _g, save) => {
    (save as tf.GradSaveFunc)([u, norm, g]);
    return {
      value: tf.mul(u, g),
      gradFunc: (dw: Tensor, saved: Tensor[]) => {
        const [u, norm, g] = saved as [Tensor, Tensor, Tensor];
        const dg = sum(tf.mul(dw, u), unitAxes(dw.shape));
        const dv = tf.mul(tf.sub(dw, tf.mul(u, dg)), tf.div(g, norm));
        return [dv, tf.reshape(dg, g.shape)];
      },
    };
  })(v, g);
});

const KERNELS: Readonly<Record<string, Reparameterize>> = {
  composed: composedKernel,
  analytic: analyticKernel,
};

/** On a backend's own kernels. */
const FUSED_KERNELS = onEachBackend(fusedReparameterization);

/** The layer's own operation, dense or convolution, with a given kernel. */
export function applyKernel(
  x: Tensor,
  kernel: Tensor,
  bias: Tensor | undefined,
  { kernelSize, strides = [1, 1], padding = "valid" }: WeightNormOptions,
): Tensor {
  const product = kernelSize === undefined
    ? tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D)
    : tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [...strides], padding);
  return bias === undefined ? product : tf.add(product, bias);
}

function implementation(reparameterize: Reparameterize): Implementation<WeightNormOptions> {
  return ({ x, v, g, bias }, options) => ({
    y: applyKernel(x!, reparameterize(v!, g!), bias, options),
  });
}

/** Shape of v: [inputs, units], or [height, width, channels, filters]. */
function kernelShape(shape: Shape, { units, kernelSize }: WeightNormOptions): number[] {
  const rank = kernelSize === undefined ? 2 : 4;
  if (shape.length !== rank) {
    throw new RangeError(
      `x of shape [${shape.join(", ")}] does not fit: ${
        rank === 2
          ? "a dense layer takes [samples, features]"
          : "a convolution takes [samples, height, width, channels]"
      }`,
    );
  }
  if (!Number.isInteger(units) || units < 1) {
    throw new RangeError(`units ${units} is not a positive whole number`);
  }
  return [...(kernelSize ?? []), lengthOf(shape, rank - 1), units];
}

function inputs(shape: Shape, options: WeightNormOptions): InputSpec[] {
  const perUnit = { shape: [options.units], role: "weight" } as const;
  return [
    dataSpec(shape),
    { name: "v", shape: kernelShape(shape, options), role: "weight", initializer: "randomNormal" },
    { ...perUnit, name: "g", initializer: "ones" },
    ...(options.useBias ?? true
      ? [{ ...perUnit, name: "bias", initializer: "zeros" } as const]
      : []),
  ];
}

function groups(shape: Shape, options: WeightNormOptions): Groups {
  const kernel = kernelShape(shape, options);
  return { shape: kernel, axes: unitAxes(kernel) };
}

/** The dense or conv2d layer of `tf.layers`, which carries the composed kernel. */
function stockWithKernel(): Subject<WeightNormOptions> {
  const layer = layerSubject<WeightNormOptions>((options) => {
    const { units, kernelSize, strides = [1, 1], padding = "valid", useBias = true } = options;
    return kernelSize === undefined
      ? stockLayer("dense", { units, useBias })
      : stockLayer("conv2d", { filters: units, kernelSize, strides, padding, useBias });
  });
  const carry = ({ v, g, ...rest }: Tensors): Tensors => ({
    ...rest,
    kernel: composedKernel(v!, g!),
  });
  return {
    forward: (inputs, options) => ({ y: layer.forward(carry(inputs), options)["y"]! }),
    gradients(inputs, options, dy, wrt) {
      const own = wrt.filter((name) => name !== "v" && name !== "g");
      const { kernel, ...rest } = layer.gradients(carry(inputs), options, dy, [...own, "kernel"]);
      const [v, g] = tf.grads((v: Tensor, g: Tensor) => composedKernel(v, g))(
        [inputs["v"]!, inputs["g"]!],
        kernel!,
      );
      return { ...rest, v: v!, g: g! };
    },
  };
}

/** The record of weight norm. */
export const weightNorm: Norm<WeightNormOptions> = {
  name: "weight",
  title: "Weight normalization",
  formula: "w = g v / ||v||, a norm per output unit",
  source: "Salimans & Kingma 2016, arXiv:1602.07868",
  normalized: "v",
  inputs,
  groups,
  implementations: {
    composed: implementation(composedKernel),
    analytic: implementation(analyticKernel),
  },
  fused: onEachBackend((kernels) => implementation(fusedReparameterization(kernels))),
  oracle: weightNormOracle,
  references: { "tf.layers": stockWithKernel() },
  traffic: { forward: 2, backward: 3 },
};

/** What {@linkcode weightNormalization} takes beside `v` and `g`. */
export interface WeightNormArguments {
  /** `composed` (default), `analytic`, or `fused` where the backend has kernels for it. */
  readonly implementation?: string;
}

/**
 * Makes a kernel of a direction and a length for every output unit.
 *
 *     w = g v / ||v||
 *
 * The Euclidean norm is taken over every axis of `v` but the last, the output units. An optimizer that
 * steps v and g, in place of w, moves length and direction apart. Salimans & Kingma 2016,
 * arXiv:1602.07868. The paper holds it a fair trial only with {@linkcode dataDependentInitialization}.
 *
 * PyTorch's `torch.nn.utils.parametrizations.weight_norm` has the output units first (`dim=0`), and
 * calls g `original0` and v `original1`. A unit whose v is all zero has no direction: its w is NaN.
 *
 * @param v float32, shape `[..., units]`: a dense or a conv2d kernel.
 * @param g float32, shape `[units]`.
 * @returns float32, shape of `v`.
 * @throws {RangeError} if `g` does not have one element for every unit.
 * @throws {TypeError} if `v` or `g` is not float32.
 */
export function weightNormalization(
  v: Tensor,
  g: Tensor,
  { implementation }: WeightNormArguments = {},
): Tensor {
  checkFloat32({ v, g });
  if (g.rank !== 1 || g.shape[0] !== v.shape.at(-1)) {
    throw new RangeError(
      `g has shape [${g.shape.join(", ")}], but v of shape [${v.shape.join(", ")}] needs [${
        v.shape.at(-1)
      }]`,
    );
  }
  const reparameterize = implementationOf(
    { name: weightNorm.name, implementations: KERNELS, fused: FUSED_KERNELS },
    implementation,
  );
  return tf.tidy(() => reparameterize(v, g));
}

/**
 * The g and bias with which a weight-normalized layer starts out with outputs of mean 0 and variance 1.
 *
 *     t = v x / ||v||      g = 1 / std(t)      bias = -mean(t) / std(t)
 *
 * Salimans & Kingma 2016, section 3. A unit whose outputs are all equal has no spread, and an infinite g.
 *
 * @param t float32, shape `[..., units]`: the layer's output for an initial batch with g = 1, bias = 0.
 * @throws {RangeError} if `t` has fewer than two values a unit.
 */
export function dataDependentInitialization(
  t: Tensor,
): { readonly g: Tensor; readonly bias: Tensor } {
  const units = t.shape.at(-1) ?? 0;
  if (t.size < 2 * units || units === 0) {
    throw new RangeError(
      `an initial batch of shape [${t.shape.join(", ")}] has no spread: give at least two samples`,
    );
  }
  return tf.tidy(() => {
    const rows = tf.reshape(t, [-1, units]);
    const mu = mean(rows, [0]);
    const deviation = tf.sqrt(mean(tf.square(tf.sub(rows, mu)), [0]));
    return {
      g: tf.reshape(tf.div(1, deviation), [units]),
      bias: tf.reshape(tf.neg(tf.div(mu, deviation)), [units]),
    };
  });
}

/** v x / ||v||: what data-dependent initialization looks at. */
export function initialOutput(x: Tensor, v: Tensor, options: WeightNormOptions): Tensor {
  return tf.tidy(() =>
    applyNorm(
      weightNorm,
      { x, v, g: tf.ones([options.units]) },
      { ...options, useBias: false },
    )["y"]!
  );
}
