/**
 * The norms on a backend's own kernels: one pass forward, one backward, and the tape between them.
 *
 * @module
 */
import * as tf from "../basics/tf.ts";
import type { Affine, Standardized } from "../basics/standardization.ts";
import { type Arrangement, mergeAxes, perFeature, type View } from "../basics/arrangement.ts";
import type { Tensors } from "../basics/norm.ts";
import { refuseSecondDerivative } from "../basics/returned_statistics.ts";
import { permute, sorted, view } from "../basics/view.ts";
import { lengthOf, otherAxes, reductionLength } from "../basics/shape.ts";
import type { Formula, GivenStatistics, KernelOutput, Kernels } from "./kernel_interface.ts";
import { type Layout, layoutOf } from "./layout.ts";

/** What is normalized, and how; tensors in any shape whose elements are in the order of the view. */
interface Normalization extends Affine {
  readonly x: tf.Tensor;
  readonly view: View;
  readonly formula: Formula;
  readonly given?: GivenStatistics;
}

/** What came out; statistics have an element for every group. */
type Normalized = Pick<KernelOutput, "y" | "mean" | "variance" | "inverse">;

/** Normalizes on `kernels`; axes in an order that they do not know are brought into one. */
function normalize(kernels: Kernels, input: Normalization): Normalized {
  const { gamma, beta, view: { shape, axes, parameterView } } = input;
  const varies = gamma === undefined && beta === undefined ? shape.map(() => 1) : parameterView;
  const layout = layoutOf({ shape, axes, parameterView: varies });
  return layout === undefined ? normalizeSorted(kernels, input) : run(kernels, layout, input);
}

/** Moves the axes that share statistics to the end, and back. */
function normalizeSorted(kernels: Kernels, input: Normalization): Normalized {
  const { x, gamma, beta } = input;
  const { shape, axes, parameterView } = mergeAxes(input.view);
  const kept = otherAxes(axes, shape.length);
  const order = [...kept, ...axes];
  const back = order.map((_, axis) => order.indexOf(axis));
  const inOrder = (lengths: readonly number[]) => order.map((axis) => lengthOf(lengths, axis));
  const parameter = (tensor: tf.Tensor | undefined) =>
    tensor && permute(view(tensor, parameterView), order);
  const { y, ...statistics } = normalize(kernels, {
    ...input,
    x: permute(view(x, shape), order),
    gamma: parameter(gamma),
    beta: parameter(beta),
    view: {
      shape: inOrder(shape),
      axes: axes.map((_, i) => kept.length + i),
      parameterView: inOrder(parameterView),
    },
  });
  return { y: view(permute(y, back), x.shape), ...statistics };
}

/** Runs the kernels, and gives the tape their gradient. */
function run(
  kernels: Kernels,
  layout: Layout,
  { x, gamma, beta, formula, given }: Normalization,
): Normalized {
  const parameters = [gamma, beta].filter((tensor) => tensor !== undefined);
  // Outside of the gradient, whose scope would end their lives.
  const { y, kept, backward, ...statistics } = kernels({
    ...{ x, gamma, beta },
    ...{ layout, formula, given },
  });
  const withGradient = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    save([x, ...kept, ...(gamma === undefined ? [] : [gamma])]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        refuseSecondDerivative(
          'the implementation "fused" has first derivatives only: take "composed" or "analytic" where a ' +
            "gradient is differentiated again",
        );
        const gradients = backward({
          dy,
          x: saved[0]!,
          kept: saved.slice(1, 1 + kept.length),
          gamma: saved[1 + kept.length],
        });
        return [
          gradients.dx,
          ...(gamma === undefined ? [] : [view(gradients.dgamma, gamma.shape)]),
          ...(beta === undefined ? [] : [view(gradients.dbeta, beta.shape)]),
        ];
      },
    };
  });
  return { y: withGradient(x, ...parameters), ...statistics };
}

type FusedNorm<T> = (tensors: Tensors, arrangement: Arrangement, epsilon: number) => T;

/** Batch, layer, group and instance norm, with the statistics of `x`. */
export function fusedStandardization(kernels: Kernels): FusedNorm<Standardized> {
  return (tensors, arrangement, epsilon) => {
    const input = arranged(tensors, arrangement, { centred: true, epsilon });
    const { y, mean, variance, inverse } = normalize(kernels, input);
    return { y, mean: mean!, variance: variance!, inverse };
  };
}

/** Batch norm with the running statistics. */
export function fusedPrediction(kernels: Kernels): FusedNorm<tf.Tensor> {
  return (tensors, arrangement, epsilon) => {
    const given = {
      mean: tensors["movingMean"]!,
      deviation: tf.sqrt(tf.add(tensors["movingVariance"]!, epsilon)),
    };
    const input = arranged(tensors, arrangement, { centred: true, epsilon: 0 });
    return normalize(kernels, { ...input, given }).y;
  };
}

/** gamma x / sqrt(mean(x^2) + epsilon): RMS norm. */
export function fusedRootMeanSquare(
  kernels: Kernels,
): FusedNorm<Pick<Standardized, "y" | "inverse">> {
  return (tensors, arrangement, epsilon) =>
    normalize(kernels, arranged(tensors, arrangement, { centred: false, epsilon }));
}

/** g v / ||v||, a norm for every index of the last axis: weight norm. */
export function fusedReparameterization(
  kernels: Kernels,
): (v: tf.Tensor, g: tf.Tensor) => tf.Tensor {
  return (v, g) => {
    const formula = { centred: false, divisor: 1, epsilon: 0 };
    return normalize(kernels, arranged({ x: v, gamma: g }, perFeature(v.shape, -1), formula)).y;
  };
}

/** `x`, gamma and beta with the view that fits them; squares are averaged unless the formula has a divisor. */
function arranged(
  { x, gamma, beta }: Tensors,
  arrangement: Arrangement,
  formula: Omit<Formula, "divisor"> & Partial<Formula>,
): Normalization {
  return {
    x: x!,
    gamma: sorted(gamma, arrangement),
    beta: sorted(beta, arrangement),
    view: arrangement,
    formula: { divisor: reductionLength(arrangement.shape, arrangement.axes), ...formula },
  };
}
