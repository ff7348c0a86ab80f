/**
 * The norms on the heap of the wasm backend.
 *
 * The backend's own operations pass over the data a dozen times, and add in single precision one by
 * one. Here a pass forward reads it twice and a pass backward twice, in double precision.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import type {
  Formula,
  GivenStatistics,
  Gradients,
  KernelInput,
  KernelOutput,
  Parameters,
} from "../kernel_interface.ts";
import { groupCount, groupLength, type Layout, parameterCount } from "../layout.ts";
import {
  allocate,
  pointerTo,
  type Scratch,
  tensorOf,
  valuesOf,
  wasmBackend,
  withScratch,
} from "./heap.ts";
import { kernelsOn, type Pointer } from "./module.ts";

/** Up to this many neighbours share statistics in a row, columns are faster than runs. */
const SHORT_RUN = 16;

/** Whether to go through the data row by row, a sum for every column, and not run by run. */
function goesByColumns({ before, features, after }: Layout): boolean {
  return before > 1 && features * after <= SHORT_RUN;
}

/** Number of columns. */
function columnCount({ channels, features, after }: Layout): number {
  return channels * features * after;
}

/** The axes as kernels take them. */
function axesOf({ samples, before, channels, features, after, perChannel }: Layout) {
  return [samples, before, channels, features, after, perChannel] as const;
}

/** Mean and sum of squared deviations of every group; zero and sum of squares unless `centred`. */
interface Moments {
  readonly mean: Float64Array;
  readonly squares: Float64Array;
}

function momentsOf(x: tf.Tensor, layout: Layout, centred: boolean): Moments {
  return withScratch((scratch) => {
    const groups = groupCount(layout);
    const { samples, before, channels, features, after } = layout;
    const [mean, squares] = [scratch.doubles(groups), scratch.doubles(groups)];
    const shape = [samples, before, channels, features * after, centred] as const;
    const { momentsByColumns, momentsByRuns } = kernelsOn(wasmBackend());
    if (goesByColumns(layout)) {
      const sums = scratch.doubles(3 * columnCount(layout));
      momentsByColumns(pointerTo(x), ...shape, mean, squares, sums);
    } else {
      momentsByRuns(pointerTo(x), ...shape, mean, squares);
    }
    return { mean: scratch.read(mean, groups), squares: scratch.read(squares, groups) };
  });
}

/** Mean and 1 / sqrt(variance + epsilon) of every group. */
interface Statistics {
  readonly mean: Float64Array;
  readonly inverse: Float64Array;
}

function statisticsOf({ mean, squares }: Moments, { divisor, epsilon }: Formula): Statistics {
  return { mean, inverse: squares.map((sum) => 1 / Math.sqrt(sum / divisor + epsilon)) };
}

function givenStatistics({ mean, deviation }: GivenStatistics): Statistics {
  return {
    mean: Float64Array.from(valuesOf(mean)),
    inverse: Float64Array.from(valuesOf(deviation), (value) => 1 / value),
  };
}

/** Where a parameter is; one that is switched off is all `neutral`. */
function parameter(
  values: tf.Tensor | undefined,
  neutral: number,
  layout: Layout,
  scratch: Scratch,
): Pointer {
  return values === undefined ? scratch.filled(parameterCount(layout), neutral) : pointerTo(values);
}

function normalize(
  x: tf.Tensor,
  { mean, inverse }: Statistics,
  { gamma, beta }: Parameters,
  layout: Layout,
): tf.Tensor {
  const y = allocate(x.shape);
  withScratch((scratch) => {
    const common = [
      ...axesOf(layout),
      scratch.copyOf(mean),
      scratch.copyOf(inverse),
      parameter(gamma, 1, layout, scratch),
      parameter(beta, 0, layout, scratch),
    ] as const;
    const { normalizeByColumns, normalizeByRuns } = kernelsOn(wasmBackend());
    if (goesByColumns(layout)) {
      const lines = scratch.doubles(3 * columnCount(layout));
      normalizeByColumns(pointerTo(x), pointerTo(y), ...common, lines);
    } else {
      normalizeByRuns(pointerTo(x), pointerTo(y), ...common);
    }
  });
  return y;
}

/** What the backward pass reads. */
interface GradientInput {
  readonly x: tf.Tensor;
  readonly dy: tf.Tensor;
  readonly gamma: tf.Tensor | undefined;
  readonly statistics: Statistics;
  readonly layout: Layout;
  /** What sum(dxhat) is divided by; infinite where the mean is no function of `x`. */
  readonly count: number;
  /** What sum(dxhat xhat) is divided by; infinite where the deviation is no function of `x`. */
  readonly divisor: number;
}

function gradient({ x, dy, gamma, statistics, layout, count, divisor }: GradientInput): Gradients {
  const dx = allocate(x.shape);
  const [dgamma, dbeta] = withScratch((scratch) => {
    const zeros = new Float64Array(parameterCount(layout));
    const [dgamma, dbeta] = [scratch.copyOf(zeros), scratch.copyOf(zeros)];
    const common = [
      ...axesOf(layout),
      count,
      divisor,
      scratch.copyOf(statistics.mean),
      scratch.copyOf(statistics.inverse),
      parameter(gamma, 1, layout, scratch),
      dgamma,
      dbeta,
    ] as const;
    const data = [pointerTo(x), pointerTo(dy), pointerTo(dx)] as const;
    const { gradientByColumns, gradientByRuns } = kernelsOn(wasmBackend());
    if (goesByColumns(layout)) {
      gradientByColumns(...data, ...common, scratch.doubles(6 * columnCount(layout)));
    } else {
      gradientByRuns(...data, ...common);
    }
    return [scratch.read(dgamma, zeros.length), scratch.read(dbeta, zeros.length)];
  });
  return { dx, dgamma: tensorOf(dgamma), dbeta: tensorOf(dbeta) };
}

/** The kernels of the backend `wasm`. */
export function wasmKernels(
  { x, gamma, beta, layout, formula, given }: KernelInput,
): KernelOutput {
  const moments = given === undefined ? momentsOf(x, layout, formula.centred) : undefined;
  const statistics = moments === undefined
    ? givenStatistics(given!)
    : statisticsOf(moments, formula);
  return {
    y: normalize(x, statistics, { gamma, beta }, layout),
    mean: moments && tensorOf(moments.mean),
    variance: moments && tensorOf(moments.squares.map((sum) => sum / formula.divisor)),
    kept: [],
    backward: ({ dy, x, gamma }) =>
      gradient({
        x,
        dy,
        gamma,
        statistics,
        layout,
        count: given === undefined && formula.centred ? groupLength(layout) : Infinity,
        divisor: given === undefined ? formula.divisor : Infinity,
      }),
  };
}
