/**
 * Groups that are neighbours in memory: a team of threads takes one, and memory is read once,
 * since caches still hold what the team reads again.
 *
 * @module
 */
import * as tf from "../../basics/tf.ts";
import type { Formula, Parameters } from "../kernel_interface.ts";
import { groupCount, groupLength, type Layout } from "../layout.ts";
import type { Program } from "./program.ts";
import {
  affine,
  type BackwardTensors,
  gradientUnits,
  leastScale,
  moments,
  overTerms,
  READ_STATISTICS,
  runTeams,
  STATISTICS,
  type Teams,
  teamsFor,
  weigh,
  writeStatistics,
} from "./wgsl.ts";

/** The longest row that is left to one team, where others could share it. */
const LONGEST_SHARED_ROW = 8192;

/** Whether groups are rows: with a parameter for each element, or one for each row. */
export function areRows(layout: Layout): boolean {
  const { before, features, after } = layout;
  if (before > 1) return false;
  return after === 1 || (features === 1 && after <= LONGEST_SHARED_ROW);
}

/**
 * Runs a program whose teams each have a row.
 *
 * `begin(workgroup)` says whether there is a row for this team; `parameterOf(l)` is that of an element.
 */
function runRows(
  teams: Teams,
  layout: Layout,
  { epsilon, divisor }: Formula,
  program: Omit<Program, "workgroupSize" | "workgroups" | "uniforms">,
) {
  const { perChannel, after, channels } = layout;
  const rows = groupCount(layout);
  const own = after === 1 ? "l" : "0";
  const parameters = after === 1 ? "uniforms.length" : "1";
  const code = `
var<private> row: i32;
var<private> first: i32;
fn begin(workgroup: i32) -> bool {
  row = workgroup * ${teams.teams} + team();
  first = row * uniforms.length;
  return row < uniforms.rows;
}
fn parameterOf(l: i32) -> i32 {
  return ${perChannel ? `(row % uniforms.channels) * ${parameters} + ${own}` : own};
}
${program.code}`;
  return runTeams(teams, {
    ...program,
    code,
    workgroups: Math.ceil(rows / teams.teams),
    uniforms: {
      rows,
      length: groupLength(layout),
      channels,
      epsilon: { float: epsilon },
      divisor: { float: divisor },
      leastScale: { float: leastScale(epsilon) },
      ...gradientUnits(layout),
    },
  });
}

/** `y`, and the statistics of every row. */
export function normalizeRows(
  x: tf.TensorInfo,
  { gamma, beta }: Parameters,
  layout: Layout,
  formula: Formula,
): [tf.TensorInfo, tf.TensorInfo] {
  const teams = teamsFor(groupLength(layout));
  const code = `
fn element(l: i32) -> f32 { return x[first + l]; }
${moments(teams, formula.centred)}
${STATISTICS}
${writeStatistics("statistics")}
${affine(gamma, beta)}
fn run(workgroup: i32) {
  let exists = begin(workgroup);
  let end = select(0, uniforms.length, exists);
  let own = finish(momentsOf(0, end, f32(uniforms.length)));
  for (var l = lane(); l < end; l += ${teams.lanes}) {
    result[first + l] = affine(xhatOf(element(l), own), parameterOf(l));
  }
  if (exists && lane() == 0) { write(row, own); }
}`;
  const [y, statistics] = runRows(teams, layout, formula, {
    name: "normalizeRows",
    code,
    inputs: { x, gamma, beta },
    size: tf.util.sizeFromShape(x.shape),
    outputs: { statistics: 4 * groupCount(layout) },
  });
  return [y, statistics!];
}

export function rowGradient(
  { x, dy, gamma, statistics }: BackwardTensors,
  layout: Layout,
  formula: Formula,
): tf.TensorInfo {
  const teams = teamsFor(groupLength(layout));
  const code = `
${READ_STATISTICS}
${weigh(gamma)}
var<private> own: Statistics;
fn dxhat(l: i32) -> f32 { return weigh(dy[first + l] * uniforms.unit, parameterOf(l)); }
fn xhat(l: i32) -> f32 { return xhatOf(x[first + l], own); }
${overTerms("totalOfTerms", teams, "total", "vec2<f32>(dxhat(r), dxhat(r) * xhat(r))")}
fn run(workgroup: i32) {
  let exists = begin(workgroup);
  let end = select(0, uniforms.length, exists);
  own = statisticsOf(select(0, row, exists));
  let sum = totalOfTerms(0, end);
  let mean = ${formula.centred ? "sum.x / f32(uniforms.length)" : "0.0"};
  let slope = sum.y / uniforms.divisor;
  let factor = own.inverse * uniforms.units;
  for (var l = lane(); l < end; l += ${teams.lanes}) {
    result[first + l] = ((dxhat(l) - mean) - xhat(l) * slope) * factor;
  }
}`;
  const [dx] = runRows(teams, layout, formula, {
    name: "rowGradient",
    code,
    inputs: { x, dy, statistics, gamma },
    size: tf.util.sizeFromShape(x.shape),
  });
  return dx;
}
