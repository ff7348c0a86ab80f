/**
 * The norms in the WebGPU Shading Language.
 *
 * Where groups are rows, as layer norm's are, the forward pass is one program that reads and writes
 * memory once. Where they are scattered, as batch norm's are, it reads twice. Sums are taken over
 * tiles, and then over those, in trees: few roundings, and work for every processor.
 *
 * @module
 */
import * as tf from "../../basics/tf.ts";
import type {
  BackwardInput,
  Formula,
  Gradients,
  KernelInput,
  KernelOutput,
} from "../kernel_interface.ts";
import { groupCount, type Layout, parameterCount } from "../layout.ts";
import { columnGradient, columnStatistics, normalizeColumns } from "./columns.ts";
import { areHeldRows, heldRowGradient } from "./held_rows.ts";
import { dispose, tensorOf } from "./program.ts";
import { areRows, normalizeRows, rowGradient } from "./rows.ts";
import { assembleStatistics, meanAndVariance } from "./packed_statistics.ts";
import { foldGroups, foldParameters, overColumns, overRows, partSums } from "./sums.ts";
import type { BackwardTensors } from "./wgsl.ts";

/** The kernels of the backend `webgpu`. */
export function webgpuKernels(input: KernelInput): KernelOutput {
  const { x, layout, given } = input;
  const [y, statistics] = forward(input);
  const groups = groupCount(layout);
  const [mean, variance] = given === undefined ? meanAndVariance(statistics, groups) : [];
  const kept = tensorOf(statistics, [groups, 4]);
  return {
    y: tensorOf(y, x.shape),
    mean: mean && tensorOf(mean, [groups]),
    variance: variance && tensorOf(variance, [groups]),
    inverse: () => tf.slice(kept, [0, 2], [-1, 1]),
    kept: [kept],
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

function backward(input: KernelInput, { kept, ...given }: BackwardInput): Gradients {
  const { layout, formula } = input;
  const tensors = { ...given, statistics: kept[0]! };
  const { dx, parameters } = input.given === undefined && areHeldRows(layout)
    ? throughHeldRows(tensors, layout, formula)
    : throughSums(tensors, input);
  const [dgamma, dbeta] = parameters.map((info) => tensorOf(info, [parameterCount(layout)]));
  return { dx: tensorOf(dx, given.x.shape), dgamma: dgamma!, dbeta: dbeta! };
}

function throughHeldRows(tensors: BackwardTensors, layout: Layout, formula: Formula) {
  const { dx, parts, chunks } = heldRowGradient(tensors, layout, formula);
  const columns = layout.features;
  const parameters = foldParameters(parts, { samples: 1, chunks, columns }, layout);
  dispose(parts);
  return { dx, parameters };
}

function throughSums(tensors: BackwardTensors, { layout, formula, given }: KernelInput) {
  const isByRows = given === undefined && areRows(layout);
  const summation = isByRows && layout.after === 1 ? overRows(layout) : overColumns(layout);
  const parts = partSums(tensors, summation);
  const parameters = foldParameters(parts, summation.tiling, layout);
  const sums = isByRows || given !== undefined
    ? undefined
    : foldGroups(parts, tensors.gamma, summation, layout);
  dispose(parts);
  const dx = isByRows
    ? rowGradient(tensors, layout, formula)
    : columnGradient({ ...tensors, sums }, layout, formula);
  if (sums !== undefined) dispose(sums);
  return { dx, parameters };
}
