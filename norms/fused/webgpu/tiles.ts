/**
 * Groups that are scattered in memory: tiles of it are summed first, and the sums of tiles then.
 *
 * A column is what shares statistics and parameters: an index of sample, channel and feature. Its
 * elements are the rows `r`, an index of before and after. A tile is some neighbouring columns and a
 * chunk of their rows.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import type { Layout } from "../layout.ts";
import type { Program } from "./program.ts";
import { powerOfTwo, runTeams, type Teams, WORKGROUP } from "./wgsl.ts";

/** Rows that a thread goes through, where there are not too many. */
const ROWS_OF_A_THREAD = 16;

/** Workgroups beyond which each gets more to do instead. */
const ENOUGH_WORKGROUPS = 4096;

/** Columns that a workgroup goes through side by side. */
const COLUMNS_OF_A_TILE = 32;

export interface Grid {
  readonly samples: number;
  readonly before: number;
  readonly columns: number;
  readonly after: number;
}

/** A grid, divided into tiles. */
export interface Tiling extends Grid {
  readonly teams: Teams;
  /** Tiles side by side. */
  readonly across: number;
  /** Tiles one below the other, for each sample. */
  readonly chunks: number;
  /** Rows of a tile. */
  readonly chunkLength: number;
}

export function gridOf({ samples, before, channels, features, after }: Layout): Grid {
  return { samples, before, columns: channels * features, after };
}

/** Teams that each take one of `columns` neighbours, all of its `rows`. */
export function sideBySide(columns: number, rows: number): Teams {
  const teams = Math.min(powerOfTwo(columns), COLUMNS_OF_A_TILE);
  const lanes = Math.min(WORKGROUP / teams, powerOfTwo(rows));
  return { lanes, teams, neighbours: "all teams" };
}

/** Divides a grid into tiles, such that neighbouring threads read neighbours. */
export function tile(grid: Grid): Tiling {
  const { samples, before, columns, after } = grid;
  const rows = before * after;
  const teams = sideBySide(after === 1 ? columns : 1, rows);
  const across = Math.ceil(columns / teams.teams);
  const wanted = ROWS_OF_A_THREAD * teams.lanes;
  const affordable = Math.ceil(rows * samples * across / ENOUGH_WORKGROUPS);
  const chunkLength = Math.max(wanted, affordable);
  return { ...grid, teams, across, chunks: Math.ceil(rows / chunkLength), chunkLength };
}

/** Number of sums, one for every column of a tile. */
export function partCount({ samples, columns, chunks }: Tiling): number {
  return samples * columns * chunks;
}

/** The parameters of a program on tiles. */
export function tileUniforms({ teams: _, ...lengths }: Tiling) {
  return lengths;
}

/**
 * Runs a program whose workgroups each have a tile, and whose teams a column of it.
 *
 * `begin(workgroup)` says whether there is a column for this team, which is then `column` of `sample`,
 * rows `low` to `high` of it; `addressOf(r)` is where an element is, `part` the index of the sum.
 */
export function runTiles(
  tiling: Tiling,
  program: Omit<Program, "workgroupSize" | "workgroups">,
): tf.TensorInfo {
  const { teams, samples, across, chunks, after } = tiling;
  const address = after === 1
    ? "(sample * uniforms.before + r) * uniforms.columns + column"
    : "((sample * uniforms.before + r / uniforms.after) * uniforms.columns + column) * " +
      "uniforms.after + r % uniforms.after";
  const code = `
var<private> sample: i32;
var<private> column: i32;
var<private> part: i32;
var<private> low: i32;
var<private> high: i32;
fn begin(workgroup: i32) -> bool {
  let chunk = (workgroup / uniforms.across) % uniforms.chunks;
  sample = workgroup / (uniforms.across * uniforms.chunks);
  column = (workgroup % uniforms.across) * ${teams.teams} + team();
  part = (sample * uniforms.chunks + chunk) * uniforms.columns + column;
  low = chunk * uniforms.chunkLength;
  let exists = sample < uniforms.samples && column < uniforms.columns;
  high = select(low, min(low + uniforms.chunkLength, uniforms.before * uniforms.after), exists);
  return exists;
}
fn addressOf(r: i32) -> i32 { return ${address}; }
${program.code}`;
  const [result] = runTeams(teams, {
    ...program,
    code,
    workgroups: samples * across * chunks,
    uniforms: { ...tileUniforms(tiling), ...program.uniforms },
  });
  return result;
}
