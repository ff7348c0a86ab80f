/**
 * The norms on the heap of the wasm backend.
 *
 * The backend's own operations pass over the data a dozen times, and add in single precision one by
 * one. Here a pass forward reads it twice and a pass backward twice, in double precision.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import type { BackwardInput, Gradients, KernelInput, KernelOutput } from "../kernel_interface.ts";
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

function columnCount({ channels, features, after }: Layout): number {
  return channels * features * after;
}

function axesOf({ samples, before, channels, features, after, perChannel }: Layout) {
  return [samples, before, channels, features, after, perChannel] as const;
}

/** Mean and sum of squared deviations of every group; zero and sum of squares unless `centred`. */
function momentsOf(x: tf.Tensor, layout: Layout, centred: boolean) {
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

/** Where a parameter is; one that is switched off is all `neutral`. */
function parameter(
  values: tf.Tensor | undefined,
  neutral: number,
  layout: Layout,
  scratch: Scratch,
): Pointer {
  return values === undefined ? scratch.filled(parameterCount(layout), neutral) : pointerTo(values);
}

function normalize({ x, gamma, beta, layout }: KernelInput, { mean, inverse }: Statistics) {
  const y = allocate(x.shape);
  withScratch((scratch) => {
    const common = [
      ...[pointerTo(x), pointerTo(y)] as const,
      ...axesOf(layout),
      scratch.copyOf(mean),
      scratch.copyOf(inverse),
      parameter(gamma, 1, layout, scratch),
      parameter(beta, 0, layout, scratch),
    ] as const;
    const { normalizeByColumns, normalizeByRuns } = kernelsOn(wasmBackend());
    if (goesByColumns(layout)) {
      normalizeByColumns(...common, scratch.doubles(3 * columnCount(layout)));
    } else {
      normalizeByRuns(...common);
    }
  });
  return y;
}

function gradient(
  { x, dy, gamma }: BackwardInput,
  { mean, inverse }: Statistics,
  { layout, formula, given }: KernelInput,
): Gradients {
  const dx = allocate(x.shape);
  const [dgamma, dbeta] = withScratch((scratch) => {
    const zeros = new Float64Array(parameterCount(layout));
    const [dgamma, dbeta] = [scratch.copyOf(zeros), scratch.copyOf(zeros)];
    const common = [
      ...[pointerTo(x), pointerTo(dy), pointerTo(dx)] as const,
      ...axesOf(layout),
      // What sums are divided by: infinite where mean or deviation are no function of x.
      given === undefined && formula.centred ? groupLength(layout) : Infinity,
      given === undefined ? formula.divisor : Infinity,
      scratch.copyOf(mean),
      scratch.copyOf(inverse),
      parameter(gamma, 1, layout, scratch),
      dgamma,
      dbeta,
    ] as const;
    const { gradientByColumns, gradientByRuns } = kernelsOn(wasmBackend());
    if (goesByColumns(layout)) {
      gradientByColumns(...common, scratch.doubles(6 * columnCount(layout)));
    } else {
      gradientByRuns(...common);
    }
    return [scratch.read(dgamma, zeros.length), scratch.read(dbeta, zeros.length)];
  });
  return { dx, dgamma: tensorOf(dgamma), dbeta: tensorOf(dbeta) };
}

/** The kernels of the backend `wasm`. */
export function wasmKernels(input: KernelInput): KernelOutput {
  const { x, layout, formula: { centred, divisor, epsilon }, given } = input;
  if (given !== undefined) {
    const mean = Float64Array.from(valuesOf(given.mean));
    const inverse = Float64Array.from(valuesOf(given.deviation), (value) => 1 / value);
    return outputOf(input, { mean, inverse });
  }
  const { mean, squares } = momentsOf(x, layout, centred);
  const inverse = squares.map((sum) => 1 / Math.sqrt(sum / divisor + epsilon));
  return {
    ...outputOf(input, { mean, inverse }),
    mean: tensorOf(mean),
    variance: tensorOf(squares.map((sum) => sum / divisor)),
  };
}

function outputOf(input: KernelInput, statistics: Statistics): KernelOutput {
  return {
    y: normalize(input, statistics),
    mean: undefined,
    variance: undefined,
    inverse: () => tensorOf(statistics.inverse),
    kept: [],
    backward: (upstream) => gradient(upstream, statistics, input),
  };
}
