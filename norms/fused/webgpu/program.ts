/**
 * Running a WGSL program on the WebGPU backend.
 *
 * The backend puts declarations before a program's code: `result` for its output, an array by name for
 * every input, `uniforms`, and `localIndex`, `workgroupId`, `numWorkgroups`. A program has one output
 * buffer there. Where a second one saves a pass over the data, it takes the place of an input: the
 * program declares its binding again, to write to. What the entry point does not use does not count,
 * so the two declarations do not collide.
 *
 * @module
 */
import * as tf from "../../basics/tf.ts";

/** A program as the backend takes it, which adds further fields. */
interface WebGpuProgram {
  readonly variableNames: readonly string[];
  readonly uniforms: string;
  readonly workgroupSize: readonly [number, number, number];
  shaderKey: string;
  dispatch: [number, number, number];
  readonly dispatchLayout: { readonly x: readonly number[] };
  readonly outputShape: readonly number[];
  getUserCode(): string;
}

interface WebGpuBackend extends tf.KernelBackend {
  readonly device: { readonly limits: { readonly maxComputeWorkgroupsPerDimension: number } };
  makeTensorInfo(shape: readonly number[], dtype: "float32"): tf.TensorInfo;
  runWebGPUProgram(
    program: WebGpuProgram,
    inputs: readonly tf.TensorInfo[],
    dtype: "float32",
    uniforms: readonly { readonly type: "int32" | "float32"; data: number[] }[],
  ): tf.TensorInfo;
}

export interface Program {
  /** What it is called where programs are listed. */
  readonly name: string;
  /** WGSL with a function `run(workgroup: i32)`. */
  readonly code: string;
  readonly workgroupSize: number;
  readonly workgroups: number;
  /** Names as the code has them; what is undefined is left out. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo | undefined>>;
  /** Whole numbers, or `{ float }`. */
  readonly uniforms: Readonly<Record<string, number | { readonly float: number }>>;
  /** Elements of `result`. */
  readonly size: number;
  /** Elements of further outputs by name. */
  readonly outputs?: Readonly<Record<string, number>>;
}

function backend(): WebGpuBackend {
  return tf.backend() as WebGpuBackend;
}

/** Runs a program; gives `result`, then its further outputs. */
export function run(program: Program): [tf.TensorInfo, ...tf.TensorInfo[]] {
  const inputs = Object.entries(program.inputs)
    .filter((entry): entry is [string, tf.TensorInfo] => entry[1] !== undefined);
  const outputs = Object.entries(program.outputs ?? {})
    .map(([name, size]) => [name, backend().makeTensorInfo([size], "float32")] as const);
  const bindings = [...inputs, ...outputs];
  const uniforms = Object.entries(program.uniforms);
  const rebound = outputs.map(([name], i) =>
    `@group(0) @binding(${1 + inputs.length + i}) var<storage, read_write> ${name}: array<f32>;`
  );
  const result = backend().runWebGPUProgram(
    {
      variableNames: [
        ...inputs.map(([name]) => name),
        ...outputs.map(([name]) => `${name}AsInput`),
      ],
      uniforms: uniforms.map(([name, value]) =>
        `${name} : ${typeof value === "number" ? "i32" : "f32"},`
      ).join(" "),
      workgroupSize: [program.workgroupSize, 1, 1],
      // The code itself is what tells it from any other program.
      shaderKey: `normbench ${program.name} ${program.code}`,
      dispatch: gridOf(program.workgroups),
      dispatchLayout: { x: [0] },
      outputShape: [program.size],
      getUserCode: () => `${rebound.join("\n")}\n${program.code}\n${ENTRY}`,
    },
    bindings.map(([, info]) => flat(info)),
    "float32",
    uniforms.map(([, value]) =>
      typeof value === "number"
        ? { type: "int32", data: [value] }
        : { type: "float32", data: [value.float] }
    ),
  );
  return [result, ...outputs.map(([, info]) => info)];
}

/** Numbers the workgroups of a grid. */
const ENTRY = `
fn main(_index: i32) { run(i32(workgroupId.y * numWorkgroups.x + workgroupId.x)); }`;

/** As few rows of workgroups as the device allows; the last may be longer than needed. */
function gridOf(workgroups: number): [number, number, number] {
  const limit = backend().device.limits.maxComputeWorkgroupsPerDimension;
  const rows = Math.ceil(workgroups / limit);
  return [Math.ceil(workgroups / rows), rows, 1];
}

/** A list of its elements: the backend does not use the shape, and has no rank above 6. */
function flat({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  return { dataId, shape: [tf.util.sizeFromShape(shape)], dtype };
}

/** Frees what a program made, where no tensor holds it. */
export function dispose(...tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) backend().disposeData(dataId);
}

export function tensorOf(info: tf.TensorInfo, shape: readonly number[]): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo({ ...info, shape: [...shape] });
}
