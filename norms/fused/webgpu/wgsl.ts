/**
 * Pieces of WGSL that the programs share: threads that add up together, and sums that stay accurate.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import { unitFor } from "../../basics/statistics.ts";
import { groupLength, type Layout } from "../layout.ts";
import { type Program, run } from "./program.ts";

/** What the programs of the backward pass read. */
export interface BackwardTensors {
  readonly x: tf.TensorInfo;
  readonly dy: tf.TensorInfo;
  readonly gamma: tf.TensorInfo | undefined;
  readonly statistics: tf.TensorInfo;
}

/** How the threads of a workgroup are divided into teams, which each add up what their members found. */
export interface Teams {
  /** Members of a team; a power of 2. */
  readonly lanes: number;
  readonly teams: number;
  /** Whether neighbouring threads are of one team, or of as many teams as there are. */
  readonly neighbours: "one team" | "all teams";
}

/** Most threads of a workgroup. */
export const WORKGROUP = 256;

/** Terms that a thread adds one after the other; longer runs are added in blocks of so many. */
const BLOCK = 16;

/** The least that is not less than `value`. */
export function powerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}

/** Teams for groups of `length` neighbours: several small ones fill up a workgroup. */
export function teamsFor(length: number): Teams {
  const lanes = Math.min(powerOfTwo(length), WORKGROUP, Math.max(8, powerOfTwo(length / 16)));
  return { lanes, teams: Math.max(1, 64 / lanes), neighbours: "one team" };
}

/** Runs a program of teams; its code can call what {@linkcode teamwork} declares. */
export function runTeams(
  teams: Teams,
  program: Omit<Program, "workgroupSize">,
): [tf.TensorInfo, ...tf.TensorInfo[]] {
  return run({
    ...program,
    code: teamwork(teams) + program.code,
    workgroupSize: teams.lanes * teams.teams,
  });
}

/**
 * `lane()`, `team()`, and what a team finds together: `total` adds both components, `totalAndLargest` adds
 * the first and takes the larger of the second. All threads of a workgroup must call them.
 */
function teamwork({ lanes, teams, neighbours }: Teams): string {
  const [lane, team, stride] = neighbours === "one team"
    ? [`i32(localIndex) % ${lanes}`, `i32(localIndex) / ${lanes}`, 1]
    : [`i32(localIndex) / ${teams}`, `i32(localIndex) % ${teams}`, teams];
  const together = (name: string, both: string) => `
fn ${name}(own: vec2<f32>) -> vec2<f32> {
  let local = i32(localIndex);
  workgroupBarrier();
  scratch[local] = own;
  for (var step = ${Math.floor(lanes / 2)}; step > 0; step /= 2) {
    workgroupBarrier();
    if (lane() < step) {
      let a = scratch[local];
      let b = scratch[local + step * ${stride}];
      scratch[local] = ${both};
    }
  }
  workgroupBarrier();
  return scratch[local - lane() * ${stride}];
}`;
  return `
var<workgroup> scratch: array<vec2<f32>, ${lanes * teams}>;
fn lane() -> i32 { return ${lane}; }
fn team() -> i32 { return ${team}; }
${together("total", "a + b")}
${together("totalAndLargest", "vec2<f32>(a.x + b.x, max(a.y, b.y))")}
`;
}

/**
 * What a team finds in the terms `low` to `high` of a function; its members take one in turn.
 *
 * @param name The function that is declared, `name(low, high)`.
 * @param together `total` or `totalAndLargest`.
 * @param term WGSL of a `vec2<f32>`, the term `r`.
 */
export function overTerms(
  name: string,
  { lanes }: Teams,
  together: "total" | "totalAndLargest",
  term: string,
): string {
  const join = (a: string, b: string) =>
    together === "total" ? `${a} + ${b}` : `vec2<f32>(${a}.x + ${b}.x, max(${a}.y, ${b}.y))`;
  return `
fn ${name}(low: i32, high: i32) -> vec2<f32> {
  var all = vec2<f32>(0.0);
  for (var start = low + lane(); start < high; start += ${BLOCK * lanes}) {
    var block = vec2<f32>(0.0);
    let end = min(start + ${BLOCK * lanes}, high);
    for (var r = start; r < end; r += ${lanes}) {
      let term = ${term};
      block = ${join("block", "term")};
    }
    all = ${join("all", "block")};
  }
  return ${together}(all);
}`;
}

/**
 * Powers of 2 to scale by, which costs no rounding, so that squares stay in range.
 *
 * `scaleFor(magnitude)` is at most the magnitude, but at least `uniforms.leastScale`.
 */
const SCALES = `
fn scaleFor(magnitude: f32) -> f32 {
  let power = bitcast<f32>(bitcast<u32>(magnitude) & 0x7f800000u);
  return clamp(power, uniforms.leastScale, 0x1p126f);
}
fn inverseOf(power: f32) -> f32 { return bitcast<f32>(0x7f000000u - bitcast<u32>(power)); }
`;

/** The uniform `leastScale`: with an epsilon, tiny data may stay unscaled. */
export function leastScale(epsilon: number): number {
  return epsilon > 0 ? 1 : 2 ** -126;
}

/** `found`, and the powers of 2 that it is scaled by. */
export const MOMENTS = `
struct Moments { pivot: f32, shift: f32, squares: f32, scale: f32 }
var<private> found: Moments;
${SCALES}`;

/**
 * `momentsOf(low, high, count)` of the values `element(r)`, in the corrected two-pass algorithm: a first
 * mean is the pivot, what rounding left of it is the shift, and squares are of values less both, scaled.
 */
export function moments(teams: Teams, centred: boolean): string {
  return `
${MOMENTS}
${overTerms("sumOfValues", teams, "total", "vec2<f32>(element(r), 0.0)")}
${
    overTerms(
      "spread",
      teams,
      "totalAndLargest",
      "vec2<f32>(element(r) - found.pivot, abs(element(r) - found.pivot))",
    )
  }
fn scaledSquare(value: f32) -> f32 {
  let z = ((value - found.pivot) - found.shift) * inverseOf(found.scale);
  return z * z;
}
${overTerms("sumOfSquares", teams, "total", "vec2<f32>(scaledSquare(element(r)), 0.0)")}
fn momentsOf(low: i32, high: i32, count: f32) -> Moments {
  found = Moments(0.0, 0.0, 0.0, 1.0);
  ${centred ? "found.pivot = sumOfValues(low, high).x / count;" : ""}
  let range = spread(low, high);
  ${centred ? "found.shift = range.x / count;" : ""}
  found.scale = scaleFor(range.y);
  found.squares = sumOfSquares(low, high).x;
  return found;
}`;
}

/** `Statistics` of a group, and `xhatOf(value, statistics)`. */
export const STATISTICS = `
struct Statistics { pivot: f32, shift: f32, inverse: f32, variance: f32 }
fn xhatOf(value: f32, own: Statistics) -> f32 {
  return ((value - own.pivot) - own.shift) * own.inverse;
}`;

/** `finish(moments)` makes statistics of them, and `write(group, statistics)` keeps those. */
export function writeStatistics(output: string): string {
  return `
fn finish(found: Moments) -> Statistics {
  let inverse = inverseOf(found.scale);
  let scaled = found.squares / uniforms.divisor;
  let deviation = sqrt(scaled + uniforms.epsilon * inverse * inverse);
  let variance = scaled * found.scale * found.scale;
  return Statistics(found.pivot, found.shift, inverse / deviation, variance);
}
fn write(group: i32, own: Statistics) {
  ${output}[4 * group] = own.pivot;
  ${output}[4 * group + 1] = own.shift;
  ${output}[4 * group + 2] = own.inverse;
  ${output}[4 * group + 3] = own.variance;
}`;
}

/** `statisticsOf(group)`, from the input `statistics`. */
export const READ_STATISTICS = `
${STATISTICS}
fn statisticsOf(group: i32) -> Statistics {
  let i = 4 * group;
  return Statistics(statistics[i], statistics[i + 1], statistics[i + 2], statistics[i + 3]);
}`;

/** `affine(xhat, parameter)`, with the parameters that there are. */
export function affine(gamma: unknown, beta: unknown): string {
  return `
fn affine(xhat: f32, parameter: i32) -> f32 {
  return ${gamma === undefined ? "xhat" : "xhat * gamma[parameter]"}${
    beta === undefined ? "" : " + beta[parameter]"
  };
}`;
}

/**
 * The uniforms `unit` and `units`, 1 / `unit`: gradients are read in units, so that their sums over a group
 * stay in range, and written as they are.
 */
export function gradientUnits(layout: Layout) {
  const unit = unitFor(groupLength(layout));
  return { unit: { float: unit }, units: { float: 1 / unit } };
}

/** `weigh(dy, parameter)`: what reaches xhat. */
export function weigh(gamma: unknown): string {
  return `
fn weigh(dy: f32, parameter: i32) -> f32 {
  return ${gamma === undefined ? "dy" : "dy * gamma[parameter]"};
}`;
}
