/**
 * The norms in the WebGPU Shading Language.
 *
 * Where groups are rows, as layer norm's are, the forward pass is one program that reads and writes
 * memory once. Where they are scattered, as batch norm's are, it reads twice. Sums are taken over
 * tiles, and then over those, in trees: few roundings, and work for every processor.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import type { BackwardInput, Gradients, KernelInput, KernelOutput } from "../kernel_interface.ts";
import { groupCount, parameterCount } from "../layout.ts";
import { columnGradient, columnStatistics, normalizeColumns } from "./columns.ts";
import { areHeldRows, heldRowGradient } from "./held_rows.ts";
import { dispose, tensorOf } from "./program.ts";
import { areRows, normalizeRows, rowGradient } from "./rows.ts";
import { assembleStatistics, meanAndVariance } from "./packed_statistics.ts";
import { foldGroups, foldParameters, overColumns, overRows, partSums } from "./sums.ts";

/** The kernels of the backend `webgpu`. */
export function webgpuKernels(input: KernelInput): KernelOutput {
  const { x, layout, given } = input;
  const [y, statistics] = forward(input);
  const groups = groupCount(layout);
  const [mean, variance] = given === undefined ? meanAndVariance(statistics, groups) : [];
  return {
    y: tensorOf(y, x.shape),
    mean: mean && tensorOf(mean, [groups]),
    variance: variance && tensorOf(variance, [groups]),
    kept: [tensorOf(statistics, [groups, 4])],
    backward: (gradient) => backward(input, gradient),
  };
}

/** `y`, and the statistics of every group. */
function forward(input: KernelInput): [tf.TensorInfo, tf.TensorInfo] {
  const { x, layout, formula, given } = input;
  if (given === undefined && areRows(layout)) return normalizeRows(x, input, layout, formula);
  const statistics = given === undefined
    ? columnStatistics(x, layout, formula)
    : assembleStatistics(given, groupCount(layout));
  return [normalizeColumns(x, statistics, input, layout), statistics];
}

/** The gradients as programs leave them; each of a parameter is a list. */
interface RawGradients {
  readonly dx: tf.TensorInfo;
  /** `dgamma` and `dbeta`. */
  readonly parameters: readonly [tf.TensorInfo, tf.TensorInfo];
}

/** What programs of the backward pass read. */
interface BackwardTensors extends Omit<BackwardInput, "kept"> {
  readonly statistics: tf.TensorInfo;
}

function backward(input: KernelInput, { kept, ...tensors }: BackwardInput): Gradients {
  const { layout, given } = input;
  const propagate = given === undefined && areRows(layout)
    ? areHeldRows(layout) ? throughHeldRows : throughRows
    : throughColumns;
  const { dx, parameters } = propagate({ ...tensors, statistics: kept[0]! }, input);
  const [dgamma, dbeta] = parameters.map((info) => tensorOf(info, [parameterCount(layout)]));
  return { dx: tensorOf(dx, tensors.x.shape), dgamma: dgamma!, dbeta: dbeta! };
}

function throughHeldRows(tensors: BackwardTensors, { layout, formula }: KernelInput): RawGradients {
  const { dx, parts, chunks } = heldRowGradient(tensors, layout, formula);
  const columns = layout.features;
  const parameters = foldParameters(parts, { samples: 1, chunks, columns }, layout);
  dispose(parts);
  return { dx, parameters };
}

function throughRows(tensors: BackwardTensors, { layout, formula }: KernelInput): RawGradients {
  const summation = layout.after === 1 ? overRows(layout) : overColumns(layout);
  const parts = partSums(tensors, summation);
  const parameters = foldParameters(parts, summation.tiling, layout);
  dispose(parts);
  return { dx: rowGradient(tensors, layout, formula), parameters };
}

function throughColumns(
  tensors: BackwardTensors,
  { layout, formula, given }: KernelInput,
): RawGradients {
  const summation = overColumns(layout);
  const parts = partSums(tensors, summation);
  const parameters = foldParameters(parts, summation.tiling, layout);
  const sums = given === undefined
    ? foldGroups(parts, tensors.gamma, summation, layout)
    : undefined;
  dispose(parts);
  const dx = columnGradient({ ...tensors, sums }, layout, formula);
  if (sums !== undefined) dispose(sums);
  return { dx, parameters };
}
