/**
 * Groups that are scattered in memory, as those of batch norm are: moments of tiles, moments of those,
 * and a pass that applies what they give.
 *
 * @module
 */
import * as tf from "../../basics/tf.ts";
import type { Formula, Parameters } from "../kernel_interface.ts";
import { groupCount, groupLength, type Layout } from "../layout.ts";
import { dispose } from "./program.ts";
import { foldTeams } from "./sums.ts";
import { gridOf, partCount, runTiles, tile, tileUniforms, type Tiling } from "./tiles.ts";
import {
  type BackwardTensors,
  gradientUnits,
  leastScale,
  MOMENTS,
  moments,
  overTerms,
  READ_STATISTICS,
  runTeams,
  STATISTICS,
  writeStatistics,
} from "./wgsl.ts";

export function columnStatistics(
  x: tf.TensorInfo,
  layout: Layout,
  formula: Formula,
): tf.TensorInfo {
  const tiling = tile(gridOf(layout));
  const parts = partMoments(x, tiling, formula);
  const statistics = foldMoments(parts, tiling, layout, formula);
  dispose(parts);
  return statistics;
}

/** Pivot, shift, squares and scale of every column of every tile. */
function partMoments(x: tf.TensorInfo, tiling: Tiling, formula: Formula): tf.TensorInfo {
  const code = `
fn element(r: i32) -> f32 { return x[addressOf(r)]; }
${moments(tiling.teams, formula.centred)}
fn run(workgroup: i32) {
  let exists = begin(workgroup);
  let found = momentsOf(low, high, f32(high - low));
  if (exists && lane() == 0) {
    result[4 * part] = found.pivot;
    result[4 * part + 1] = found.shift;
    result[4 * part + 2] = found.squares;
    result[4 * part + 3] = found.scale;
  }
}`;
  return runTiles(tiling, {
    name: "partMoments",
    code,
    inputs: { x },
    uniforms: { leastScale: { float: leastScale(formula.epsilon) } },
    size: 4 * partCount(tiling),
  });
}

/**
 * Statistics of groups from those of their parts, by Chan, Golub & LeVeque's rule:
 *
 *     mean = sum(count_i mean_i) / n        squares = sum(squares_i + count_i (mean_i - mean)^2)
 */
function foldMoments(
  parts: tf.TensorInfo,
  tiling: Tiling,
  layout: Layout,
  { centred, divisor, epsilon }: Formula,
): tf.TensorInfo {
  const items = tiling.chunks * layout.features;
  const teams = foldTeams(items);
  const code = `
${MOMENTS}
var<private> group: i32;
fn partOf(item: i32) -> i32 {
  let sample = group / uniforms.channels;
  let chunk = item / uniforms.features;
  let column = (group % uniforms.channels) * uniforms.features + item % uniforms.features;
  return 4 * ((sample * uniforms.chunks + chunk) * uniforms.columns + column);
}
fn countOf(item: i32) -> f32 {
  let first = (item / uniforms.features) * uniforms.chunkLength;
  return f32(min(uniforms.chunkLength, uniforms.before * uniforms.after - first));
}
fn distance(item: i32) -> f32 {
  let part = partOf(item);
  return (parts[part] - found.pivot) + parts[part + 1];
}
fn largest(item: i32) -> f32 {
  return max(parts[partOf(item) + 3], abs(distance(item) - found.shift));
}
fn squares(item: i32) -> f32 {
  let part = partOf(item);
  let inverse = inverseOf(found.scale);
  let ratio = parts[part + 3] * inverse;
  let z = (distance(item) - found.shift) * inverse;
  return parts[part + 2] * ratio * ratio + countOf(item) * z * z;
}
${overTerms("sumOfPivots", teams, "total", "vec2<f32>(countOf(r) * parts[partOf(r)], 0.0)")}
${overTerms("sumOfShifts", teams, "total", "vec2<f32>(countOf(r) * distance(r), 0.0)")}
${overTerms("largestOfAll", teams, "totalAndLargest", "vec2<f32>(0.0, largest(r))")}
${overTerms("sumOfSquares", teams, "total", "vec2<f32>(squares(r), 0.0)")}
${STATISTICS}
${writeStatistics("result")}
fn run(workgroup: i32) {
  let own = workgroup * ${teams.teams} + team();
  let exists = own < uniforms.groups;
  group = select(0, own, exists);
  let end = select(0, uniforms.items, exists);
  found = Moments(0.0, 0.0, 0.0, 1.0);
  ${centred ? "found.pivot = sumOfPivots(0, end).x / uniforms.count;" : ""}
  ${centred ? "found.shift = sumOfShifts(0, end).x / uniforms.count;" : ""}
  found.scale = scaleFor(largestOfAll(0, end).y);
  found.squares = sumOfSquares(0, end).x;
  if (exists && lane() == 0) { write(group, finish(found)); }
}`;
  const groups = groupCount(layout);
  const [statistics] = runTeams(teams, {
    name: "foldMoments",
    code,
    workgroups: Math.ceil(groups / teams.teams),
    inputs: { parts },
    uniforms: {
      ...tileUniforms(tiling),
      channels: layout.channels,
      features: layout.features,
      groups,
      items,
      count: { float: groupLength(layout) },
      divisor: { float: divisor },
      epsilon: { float: epsilon },
      leastScale: { float: leastScale(epsilon) },
    },
    size: 4 * groups,
  });
  return statistics;
}

/**
 * Runs a program that computes `result` element by element.
 *
 * @param prepare WGSL that is run once for each column, whose statistics are `own`.
 * @param value WGSL that sets `value` for the element at `address`.
 */
function runColumns(
  name: string,
  shape: readonly number[],
  layout: Layout,
  inputs: Readonly<Record<string, tf.TensorInfo | undefined>>,
  divisor: number,
  prepare: string,
  value: string,
): tf.TensorInfo {
  const { channels, features, perChannel } = layout;
  const tiling = tile(gridOf(layout));
  const code = `
fn groupOf() -> i32 { return sample * uniforms.channels + column / uniforms.features; }
fn parameterOf() -> i32 { return ${perChannel ? "column" : "column % uniforms.features"}; }
${READ_STATISTICS}
fn run(workgroup: i32) {
  if (!begin(workgroup)) { return; }
  let own = statisticsOf(groupOf());
  ${prepare}
  for (var r = low + lane(); r < high; r += ${tiling.teams.lanes}) {
    let address = addressOf(r);
    ${value}
    result[address] = value;
  }
}`;
  const count = groupLength(layout);
  return runTiles(tiling, {
    name,
    code,
    inputs,
    uniforms: {
      ...{ channels, features },
      count: { float: count },
      divisor: { float: divisor },
      ...gradientUnits(layout),
    },
    size: tf.util.sizeFromShape([...shape]),
  });
}

/** `y`, from the statistics of every group. */
export function normalizeColumns(
  x: tf.TensorInfo,
  statistics: tf.TensorInfo,
  { gamma, beta }: Parameters,
  layout: Layout,
): tf.TensorInfo {
  const prepare = `
  let slope = ${gamma === undefined ? "own.inverse" : "own.inverse * gamma[parameterOf()]"};
  let offset = ${beta === undefined ? "0.0" : "beta[parameterOf()]"};`;
  const value = "let value = ((x[address] - own.pivot) - own.shift) * slope + offset;";
  const inputs = { x, statistics, gamma, beta };
  return runColumns("normalizeColumns", x.shape, layout, inputs, 1, prepare, value);
}

/** `dx`, from sum(dxhat) and sum(dxhat xhat) of every group; without them, statistics are constants. */
export function columnGradient(
  { x, dy, gamma, statistics, sums }: BackwardTensors & { sums: tf.TensorInfo | undefined },
  layout: Layout,
  { centred, divisor }: Formula,
): tf.TensorInfo {
  // What is left of dx where statistics are constants, and what they add where they are not.
  const [constants, dx] = sums === undefined ? ["", "dxhat"] : [
    `let mean = ${centred ? "sums[2 * groupOf()] / uniforms.count" : "0.0"};
  let slope = sums[2 * groupOf() + 1] / uniforms.divisor;`,
    "((dxhat - mean) - xhatOf(x[address], own) * slope)",
  ];
  const prepare = `
  let weight = ${gamma === undefined ? "1.0" : "gamma[parameterOf()]"};
  let factor = own.inverse * uniforms.units;
  ${constants}`;
  const value = `let dxhat = (dy[address] * uniforms.unit) * weight;
    let value = ${dx} * factor;`;
  const inputs = { x: sums && x, dy, statistics, sums, gamma };
  return runColumns("columnGradient", dy.shape, layout, inputs, divisor, prepare, value);
}
