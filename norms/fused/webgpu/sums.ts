/**
 * The sums of the backward pass: sum(dy) and sum(dy xhat), of parts, of parameters and of groups.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import { groupCount, type Layout, parameterCount } from "../layout.ts";
import type { Program } from "./program.ts";
import { type Grid, gridOf, partCount, runTiles, sideBySide, tile, type Tiling } from "./tiles.ts";
import {
  type BackwardTensors,
  gradientUnits,
  overTerms,
  powerOfTwo,
  READ_STATISTICS,
  runTeams,
  type Teams,
  weigh,
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
  readonly layout: Layout;
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
    layout,
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
    layout,
    tiling: tile(grid),
    groupsOfSample: 0,
    groupsOfRow: perChannel ? channels : 1,
    features,
  };
}

/** sum(dy) and sum(dy xhat) of every column of every tile, in units. */
export function partSums(
  { x, dy, statistics }: BackwardTensors,
  { layout, tiling, groupsOfSample, groupsOfRow, features }: Summation,
): tf.TensorInfo {
  const isGroup = groupsOfRow === 0;
  const code = `
${READ_STATISTICS}
fn groupOf(r: i32) -> i32 {
  return sample * uniforms.groupsOfSample + r * uniforms.groupsOfRow + column / uniforms.features;
}
${isGroup ? "var<private> own: Statistics;" : ""}
fn xhat(r: i32) -> f32 {
  return xhatOf(x[addressOf(r)], ${isGroup ? "own" : "statisticsOf(groupOf(r))"});
}
fn term(r: i32) -> vec2<f32> {
  let own = dy[addressOf(r)] * uniforms.unit;
  return vec2<f32>(own, own * xhat(r));
}
${overTerms("totalOfTerms", tiling.teams, "total", "term(r)")}
fn run(workgroup: i32) {
  let exists = begin(workgroup);
  ${isGroup ? "own = statisticsOf(select(0, groupOf(0), exists));" : ""}
  let sum = totalOfTerms(low, high);
  if (exists && lane() == 0) {
    result[2 * part] = sum.x;
    result[2 * part + 1] = sum.y;
  }
}`;
  return runTiles(tiling, {
    name: "partSums",
    code,
    inputs: { x, dy, statistics },
    uniforms: { groupsOfSample, groupsOfRow, features, ...gradientUnits(layout) },
    size: 2 * partCount(tiling),
  });
}

/** A team for each of `count` sums, of `items` parts that `partOf(item)` gives for the sum `own`. */
function fold(
  teams: Teams,
  count: number,
  items: number,
  write: string,
  program: Omit<Program, "workgroupSize" | "workgroups">,
) {
  const code = `
var<private> own: i32;
${program.code}
${overTerms("totalOfTerms", teams, "total", "partOf(r)")}
fn run(workgroup: i32) {
  let index = workgroup * ${teams.teams} + team();
  let exists = index < uniforms.count;
  own = select(0, index, exists);
  let sum = totalOfTerms(0, select(0, uniforms.items, exists));
  if (exists && lane() == 0) { ${write} }
}`;
  return runTeams(teams, {
    ...program,
    code,
    workgroups: Math.ceil(count / teams.teams),
    uniforms: { ...program.uniforms, count, items },
  });
}

/** `dgamma` and `dbeta`: the sums of the parts that share a parameter. */
export function foldParameters(
  parts: tf.TensorInfo,
  { samples, chunks, columns }: Pick<Tiling, "samples" | "chunks" | "columns">,
  layout: Layout,
): tf.TensorInfo[] {
  const parameters = parameterCount(layout);
  const items = samples * chunks * columns / parameters;
  const code = `
fn partOf(item: i32) -> vec2<f32> {
  let repeats = uniforms.columns / uniforms.count;
  let column = (item % repeats) * uniforms.count + own;
  let part = (item / repeats) * uniforms.columns + column;
  return vec2<f32>(parts[2 * part], parts[2 * part + 1]);
}`;
  const teams = sideBySide(parameters, items);
  const write = "result[own] = sum.y * uniforms.units; dbeta[own] = sum.x * uniforms.units;";
  return fold(teams, parameters, items, write, {
    name: "foldParameters",
    code,
    inputs: { parts },
    uniforms: { columns, ...gradientUnits(layout) },
    size: parameters,
    outputs: { dbeta: parameters },
  });
}

/** sum(dxhat) and sum(dxhat xhat) of every group, in units. */
export function foldGroups(
  parts: tf.TensorInfo,
  gamma: tf.TensorInfo | undefined,
  { tiling: { columns, chunks } }: Summation,
  layout: Layout,
): tf.TensorInfo {
  const { channels, features, perChannel } = layout;
  const items = chunks * features;
  const code = `
${weigh(gamma)}
fn partOf(item: i32) -> vec2<f32> {
  let feature = item % uniforms.features;
  let column = (own % uniforms.channels) * uniforms.features + feature;
  let chunk = (own / uniforms.channels) * uniforms.chunks + item / uniforms.features;
  let part = chunk * uniforms.columns + column;
  let parameter = ${perChannel ? "column" : "feature"};
  return vec2<f32>(weigh(parts[2 * part], parameter), weigh(parts[2 * part + 1], parameter));
}`;
  const write = "result[2 * own] = sum.x; result[2 * own + 1] = sum.y;";
  const [sums] = fold(foldTeams(items), groupCount(layout), items, write, {
    name: "foldGroups",
    code,
    inputs: { parts, gamma },
    uniforms: { columns, chunks, channels, features },
    size: 2 * groupCount(layout),
  });
  return sums;
}
