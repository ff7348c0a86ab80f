/**
 * The sums of the backward pass: sum(dy) and sum(dy xhat), of parts, of parameters and of groups.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import { groupCount, type Layout, parameterCount } from "../layout.ts";
import { run } from "./program.ts";
import {
  type Grid,
  gridOf,
  partCount,
  sideBySide,
  tile,
  tileCount,
  tileOf,
  tileUniforms,
  type Tiling,
} from "./tiles.ts";
import {
  overTerms,
  powerOfTwo,
  READ_STATISTICS,
  type Teams,
  teamwork,
  weigh,
  workgroupsFor,
  workgroupSize,
} from "./wgsl.ts";

/** Threads of a workgroup that folds parts. */
const FOLD = 64;

/** Teams that each fold `items` parts. */
export function foldTeams(items: number): Teams {
  const lanes = Math.min(FOLD, powerOfTwo(items));
  return { lanes, teams: FOLD / lanes, neighbours: "one team" };
}

/** What is summed up, and where the statistics of a row and a column are. */
export interface Summation {
  readonly tiling: Tiling;
  /** Groups from one sample to the next. */
  readonly groupsOfSample: number;
  /** Groups from one row to the next. */
  readonly groupsOfRow: number;
  /** Neighbouring columns that are of one group. */
  readonly features: number;
}

/** Sums over the scattered parts of groups. */
export function overColumns(layout: Layout): Summation {
  return {
    tiling: tile(gridOf(layout)),
    groupsOfSample: layout.channels,
    groupsOfRow: 0,
    features: layout.features,
  };
}

/** Sums over the rows that share parameters, where each row is a group, or several. */
export function overRows(layout: Layout): Summation {
  const { samples, channels, features, perChannel } = layout;
  const grid: Grid = {
    samples: 1,
    before: perChannel ? samples : groupCount(layout),
    columns: parameterCount(layout),
    after: 1,
  };
  return {
    tiling: tile(grid),
    groupsOfSample: 0,
    groupsOfRow: perChannel ? channels : 1,
    features,
  };
}

/** sum(dy) and sum(dy xhat) of every column of every tile. */
export function partSums(
  { x, dy, statistics }: {
    readonly x: tf.TensorInfo;
    readonly dy: tf.TensorInfo;
    readonly statistics: tf.TensorInfo;
  },
  { tiling, groupsOfSample, groupsOfRow, features }: Summation,
): tf.TensorInfo {
  const { teams } = tiling;
  const code = `
${teamwork(teams)}
${tileOf(tiling)}
${READ_STATISTICS}
fn groupOf(r: i32) -> i32 {
  return sample * uniforms.groupsOfSample + r * uniforms.groupsOfRow + column / uniforms.features;
}
${groupsOfRow === 0 ? "var<private> own: Statistics;" : ""}
fn xhat(r: i32) -> f32 {
  return xhatOf(x[addressOf(r)], ${groupsOfRow === 0 ? "own" : "statisticsOf(groupOf(r))"});
}
fn term(r: i32) -> vec2<f32> {
  let own = dy[addressOf(r)];
  return vec2<f32>(own, own * xhat(r));
}
${overTerms("totalOfTerms", teams, "total", "term(r)")}
fn run(workgroup: i32) {
  let exists = begin(workgroup);
  ${groupsOfRow === 0 ? "own = statisticsOf(select(0, groupOf(0), exists));" : ""}
  let sum = totalOfTerms(low, high);
  if (exists && lane() == 0) {
    result[2 * part] = sum.x;
    result[2 * part + 1] = sum.y;
  }
}`;
  const [parts] = run({
    name: "partSums",
    code,
    workgroupSize: workgroupSize(teams),
    workgroups: tileCount(tiling),
    inputs: { x, dy, statistics },
    uniforms: { ...tileUniforms(tiling), groupsOfSample, groupsOfRow, features },
    size: 2 * partCount(tiling),
  });
  return parts!;
}

/** `dgamma` and `dbeta`: the sums of the parts that share a parameter. */
export function foldParameters(
  parts: tf.TensorInfo,
  { samples, chunks, columns }: Pick<Tiling, "samples" | "chunks" | "columns">,
  layout: Layout,
): [tf.TensorInfo, tf.TensorInfo] {
  const parameters = parameterCount(layout);
  const items = samples * chunks * columns / parameters;
  const teams = sideBySide(parameters, items);
  const code = `
${teamwork(teams)}
var<private> parameter: i32;
fn partOf(item: i32) -> vec2<f32> {
  let repeats = uniforms.columns / uniforms.parameters;
  let column = (item % repeats) * uniforms.parameters + parameter;
  let part = (item / repeats) * uniforms.columns + column;
  return vec2<f32>(parts[2 * part], parts[2 * part + 1]);
}
${overTerms("totalOfTerms", teams, "total", "partOf(r)")}
fn run(workgroup: i32) {
  parameter = workgroup * ${teams.teams} + team();
  let exists = parameter < uniforms.parameters;
  let sum = totalOfTerms(0, select(0, uniforms.items, exists));
  if (exists && lane() == 0) {
    result[parameter] = sum.y;
    dbeta[parameter] = sum.x;
  }
}`;
  const [dgamma, dbeta] = run({
    name: "foldParameters",
    code,
    workgroupSize: workgroupSize(teams),
    workgroups: workgroupsFor(parameters, teams),
    inputs: { parts },
    uniforms: { columns, parameters, items },
    size: parameters,
    outputs: { dbeta: parameters },
  });
  return [dgamma!, dbeta!];
}

/** sum(dxhat) and sum(dxhat xhat) of every group. */
export function foldGroups(
  parts: tf.TensorInfo,
  gamma: tf.TensorInfo | undefined,
  { tiling }: Summation,
  layout: Layout,
): tf.TensorInfo {
  const { channels, features, perChannel } = layout;
  const items = tiling.chunks * features;
  const teams = foldTeams(items);
  const code = `
${teamwork(teams)}
${weigh(gamma)}
var<private> group: i32;
fn partOf(item: i32) -> vec2<f32> {
  let feature = item % uniforms.features;
  let column = (group % uniforms.channels) * uniforms.features + feature;
  let chunk = (group / uniforms.channels) * uniforms.chunks + item / uniforms.features;
  let part = chunk * uniforms.columns + column;
  let parameter = ${perChannel ? "column" : "feature"};
  return vec2<f32>(weigh(parts[2 * part], parameter), weigh(parts[2 * part + 1], parameter));
}
${overTerms("totalOfTerms", teams, "total", "partOf(r)")}
fn run(workgroup: i32) {
  let own = workgroup * ${teams.teams} + team();
  let exists = own < uniforms.groups;
  group = select(0, own, exists);
  let sum = totalOfTerms(0, select(0, uniforms.items, exists));
  if (exists && lane() == 0) {
    result[2 * group] = sum.x;
    result[2 * group + 1] = sum.y;
  }
}`;
  const [sums] = run({
    name: "foldGroups",
    code,
    workgroupSize: workgroupSize(teams),
    workgroups: workgroupsFor(groupCount(layout), teams),
    inputs: { parts, gamma },
    uniforms: {
      columns: tiling.columns,
      chunks: tiling.chunks,
      channels,
      features,
      groups: groupCount(layout),
      items,
    },
    size: 2 * groupCount(layout),
  });
  return sums!;
}
