/**
 * {@linkcode microscope}: after which step of a norm the digits are lost.
 *
 * @module
 */
import { STANDARD } from "../../fixtures/cases/row.ts";
import type { Distribution } from "../../fixtures/distribution.ts";
import { type CaseInputs, drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import type { BoundedArrays, Norm } from "../../norms/basics/norm.ts";
import type { NormOptions } from "../../norms/basics/options.ts";
import { broadcastIndex, dropAxes, range, type Shape } from "../../norms/basics/shape.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import type { Tensors } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { unitInLastPlace } from "../../norms/oracle/arithmetic.ts";
import {
  Bounded,
  divide,
  multiply,
  reshape,
  squareRoot,
  subtract,
  sum,
} from "../../norms/oracle/bounded.ts";
import { standardize } from "../../norms/oracle/group_statistics.ts";
import { arrangeParameter } from "../../norms/oracle/standardization.ts";
import { normByName, type OptionsOf } from "../../norms/registry.ts";
import { isKernel } from "../../norms/textbook/kernel.ts";
import {
  isQuadratic,
  isStandardization,
  parametersOf,
  type StandardizationSteps,
} from "../../norms/textbook/standardization.ts";
import { formatNumber } from "../../reports/format.ts";
import { table, textTable } from "../../reports/table.ts";
import { selectBackends, useBackend } from "../backend/active_backend.ts";
import { exclusively } from "../backend/exclusive.ts";
import { type BackendName, backendNamed } from "../backend/registry.ts";
import { measureError } from "./compare.ts";
import type { CustomNorm } from "./custom_norm.ts";
import { expectation } from "./expect.ts";
import { BITS, lossLine, type StepDigits } from "./step_record.ts";

export type { StepDigits };

/** On which input a norm is looked at. */
export interface MicroscopeOptions<Name extends string = string> {
  /** The norm that it implements. */
  readonly norm: Name;
  /** Shape of the data. */
  readonly shape: Shape;
  /** The norm's options. */
  readonly options?: OptionsOf<Name>;
  /** Distribution of `x`. Default: normal, mean 0.5, standard deviation 2. */
  readonly input?: Distribution;
  /** The backend; default `cpu`. */
  readonly backend?: string;
  /** Seed of every random input; default 0. */
  readonly seed?: number;
}

/** The result of {@linkcode microscope}. */
export interface MicroscopeResult {
  /** In the order of the formula, forward, then backward. */
  readonly steps: readonly StepDigits[];
  /** A table for the terminal, and where most digits are lost. */
  readonly summary: string;
}

/**
 * Shows how many bits are right after each step of a norm, beside what the float64 oracle promises.
 *
 * A function is looked into by returning its intermediate tensors beside `y`, under the names of the steps:
 * `mean`, `centred`, `variance`, `deviation`, `xhat`; for weight norm `norm` and `kernel`. It returns those that
 * it has; axes of length 1 may be there or not. `textbook` in place of a function is the norm's formula.
 *
 * Bits are counted from the magnitude of an element, or of its group where the element is smaller: that a
 * value near 0 has few of its own digits is no loss.
 *
 * @throws {RangeError} if the norm does not exist, the options do not fit the shape, or a step has another
 *   number of elements than the oracle's.
 *
 * @example Where a large offset takes the digits.
 * ```ts
 * import { microscope } from "../../mod.ts";
 *
 * const { summary } = await microscope(({ x }) => {
 *   const mean = x.mean(-1, true);
 *   const centred = x.sub(mean);
 *   const variance = centred.square().mean(-1, true);
 *   return { mean, centred, variance, y: centred.div(variance.add(1e-3).sqrt()) };
 * }, { norm: "layer", shape: [8, 64], options: { scale: false, center: false } });
 * console.log(summary);
 * ```
 */
export function microscope<Name extends string = string>(
  custom: CustomNorm<OptionsOf<Name>, Name> | "textbook",
  options: MicroscopeOptions<Name>,
): Promise<MicroscopeResult> {
  return exclusively(() =>
    look(custom as CustomNorm | "textbook", options as unknown as MicroscopeOptions)
  );
}

async function look(
  custom: CustomNorm | "textbook",
  { norm: name, shape, options = {}, input = STANDARD, backend = "cpu", seed = 0 }:
    MicroscopeOptions,
): Promise<MicroscopeResult> {
  const norm = normByName(name);
  const [status] = await selectBackends(backend);
  const on = status!.name as BackendName;
  await useBackend(on);
  const parityCase: ParityCase = { id: `${name}/microscope`, about: "", shape, options, input };
  const subject = custom === "textbook" ? custom : functionSubject((tensors, options) => {
    const outputs = custom(tensors as never, options);
    return outputs instanceof tf.Tensor ? { y: outputs } : outputs;
  }) as Subject;
  const steps = await stepsOf(norm, parityCase, subject, on, seed);
  return { steps, summary: summaryOf(steps) };
}

/** What is right after each step of a norm, on the active backend. */
export async function stepsOf(
  norm: Norm,
  parityCase: ParityCase,
  subject: Subject | "textbook",
  backend: BackendName,
  seed: number,
): Promise<StepDigits[]> {
  const { options } = parityCase;
  const inputs = drawInputs(norm, parityCase, seed);
  const { arithmetic } = backendNamed(backend);
  const { outputs, upstreams } = expectation(norm, parityCase, inputs, seed, arithmetic, 1);
  const [upstream] = upstreams;
  const exact: BoundedArrays = Object.fromEntries(
    inputs.specs.map((
      { name, shape },
    ) => [name, Bounded.exact(inputs.values[name]!, shape, arithmetic)]),
  );
  const dy = Bounded.exact(upstream!.dy, outputs["y"]!.bounded.shape, arithmetic);
  const expected: Record<string, Bounded> = {
    ...oracleSteps(norm, parityCase, exact),
    y: outputs["y"]!.bounded,
    ...backwardSteps(norm, parityCase, exact, dy),
    ...Object.fromEntries(
      Object.entries(upstream!.gradients).toReversed().map((
        [name, { bounded }],
      ) => [name, bounded]),
    ),
  };
  const got = await run(
    subject === "textbook" ? textbookSteps(norm, dy) : subject,
    inputs,
    options,
    upstream!.dy,
    dy.shape,
  );
  const groups = groupsOf(norm, parityCase);
  return Object.entries(expected).flatMap(([step, bounded]) => {
    const values = got[step];
    if (values === undefined) return [];
    if (values.length !== bounded.values.length) {
      throw new RangeError(
        `step ${step} has ${values.length} elements, expected ${bounded.values.length}`,
      );
    }
    return [digitsOf(step, values, bounded, groups)];
  });
}

/** The steps forward that the oracle knows of a norm; none where its spread is no variance. */
function oracleSteps(
  norm: Norm,
  { shape, options }: ParityCase,
  inputs: BoundedArrays,
): Record<string, Bounded> {
  const { steps } = norm.textbook;
  if (isKernel(steps)) {
    const { v, g } = inputs as { v: Bounded; g: Bounded };
    const length = squareRoot(sum(multiply(v, v), range(v.shape.length - 1)));
    return { norm: length, kernel: multiply(g, divide(v, length)) };
  }
  if (!isStandardization(steps) || !isQuadratic(steps)) return {};
  const layout = steps.layout(shape, options);
  const epsilon = epsilonOf(steps, options);
  const x = reshape(inputs["x"]!, layout.shape);
  const { mean, variance, deviation, xhat } = standardize(x, {
    axes: layout.axes,
    epsilon,
    centred: steps.centred,
  });
  return {
    ...(steps.centred && { mean, centred: subtract(x, mean) }),
    variance,
    deviation,
    xhat,
  };
}

/** The gradient that reaches xhat. */
function backwardSteps(
  { textbook: { steps } }: Norm,
  { shape, options }: ParityCase,
  { gamma }: BoundedArrays,
  dy: Bounded,
): Record<string, Bounded> {
  if (!isStandardization(steps) || gamma === undefined) return {};
  const layout = steps.layout(shape, options);
  return { dxhat: multiply(reshape(dy, layout.shape), arrangeParameter(gamma, layout)!) };
}

function epsilonOf(steps: StandardizationSteps, options: NormOptions): number {
  const { epsilon = steps.defaultEpsilon } = options as { readonly epsilon?: number };
  return epsilon;
}

/** The textbook of a norm, which returns its steps. */
function textbookSteps({ textbook }: Norm, upstream: Bounded): Subject {
  const { steps } = textbook;
  const implement = textbook.implement(steps);
  const forward = (inputs: Tensors, options: NormOptions): Tensors => {
    if (isKernel(steps)) {
      const norm = steps.norm(inputs["v"]!);
      return { norm, kernel: steps.kernel(inputs["v"]!, inputs["g"]!, norm) };
    }
    if (!isStandardization(steps) || !isQuadratic(steps)) return {};
    const layout = steps.layout(inputs["x"]!.shape, options);
    const x = tf.reshape(inputs["x"]!, [...layout.shape]);
    const mean = steps.mean(x, layout.axes);
    const variance = steps.spread(x, mean, layout.axes, options);
    const deviation = steps.deviation(variance, epsilonOf(steps, options), options);
    const xhat = steps.normalize(x, mean, deviation);
    const dy = tf.tensor(Float32Array.from(upstream.values), [...layout.shape]);
    const { gamma } = parametersOf(inputs, layout);
    return {
      ...(steps.centred && { mean, centred: tf.sub(x, mean) }),
      variance,
      deviation,
      xhat,
      ...(inputs["gamma"] && { dxhat: steps.dxhat(dy, gamma) }),
    };
  };
  return functionSubject((inputs, options) => ({
    ...forward(inputs, options),
    ...implement(inputs, options),
  }));
}

/** All that the subject returns, and its gradients. */
async function run(
  subject: Subject,
  { specs, values }: CaseInputs,
  options: NormOptions,
  dy: Float32Array,
  shape: Shape,
): Promise<Record<string, Float32Array>> {
  const tensors = tf.tidy(() => {
    const inputs = Object.fromEntries(
      specs.map(({ name, shape }) => [name, tf.tensor(values[name]!, [...shape], "float32")]),
    );
    const wrt = specs.filter(({ role }) => role !== "state").map(({ name }) => name);
    const outputs = subject.forward(inputs, options);
    const gradients = subject.gradients(inputs, options, tf.tensor(dy, [...shape]), wrt);
    return {
      ...outputs,
      ...Object.fromEntries(wrt.map((name) => [`d${name}`, gradients[name]!])),
    };
  });
  const names = Object.keys(tensors);
  const read = await Promise.all(names.map((name) => tensors[name]!.data<"float32">()));
  tf.dispose(tensors);
  return Object.fromEntries(names.map((name, i) => [name, read[i]!]));
}

/** The group of every element of the data. */
function groupsOf(norm: Norm, { shape, options }: ParityCase): Int32Array {
  const view = norm.groups(shape, options);
  return broadcastIndex(dropAxes(view.shape, view.axes), view.shape);
}

function digitsOf(
  step: string,
  got: Float32Array,
  expected: Bounded,
  groups: Int32Array,
): StepDigits {
  const { values, careful } = expected;
  const squares = new Map<number, { sum: number; count: number }>();
  const groupOf = (i: number) => values.length === groups.length ? groups[i]! : i;
  values.forEach((value, i) => {
    const { sum = 0, count = 0 } = squares.get(groupOf(i)) ?? {};
    squares.set(groupOf(i), { sum: sum + value ** 2, count: count + 1 });
  });
  const scaleOf = (i: number) => {
    const { sum, count } = squares.get(groupOf(i))!;
    return Math.max(Math.abs(values[i]!), Math.sqrt(sum / count), unitInLastPlace(0));
  };
  const bitsOf = (error: number, i: number) =>
    Number.isNaN(error) ? 0 : Math.max(0, Math.min(BITS, -Math.log2(error / scaleOf(i))));
  const errors = Array.from(values, (value, i) => Math.abs(got[i]! - value));
  const bits = errors.map(bitsOf).toSorted((a, b) => a - b);
  const { answer: { maxAbsolute, ratio }, verdict } = measureError(got, expected);
  return {
    step,
    worst: bits[0]!,
    median: bits[bits.length >> 1]!,
    promised: Math.min(...Array.from(careful, bitsOf)),
    largest: Number(maxAbsolute),
    ratio: Number(ratio),
    verdict,
  };
}

/** A bar of the bits that are right. */
function bar(bits: number): string {
  return "█".repeat(Math.round(bits)).padEnd(BITS, "·");
}

function summaryOf(steps: readonly StepDigits[]): string {
  const rows = steps.map(({ step, worst, median, promised, largest, verdict }) => [
    step,
    bar(worst),
    ...[worst, median, promised].map((bits) => formatNumber(bits, 2)),
    formatNumber(largest, 2),
    verdict,
  ]);
  const headings = ["step", "bits right, of 24", "worst#", "median#", "promised#", "error#"];
  return `${textTable(table([...headings, "verdict"], rows))}\n\n${lossLine(steps)}\n`;
}
