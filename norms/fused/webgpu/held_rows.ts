/**
 * The backward pass of rows that fit into registers: memory is read once, for `dx` and parameters.
 *
 * A team of threads takes several rows in turn. Every thread holds its elements of a row while the
 * sums of the row are found, and adds up for its columns what the parameters get from all its rows.
 *
 * @module
 */
import * as tf from "../../basics/tf.ts";
import type { Formula } from "../kernel_interface.ts";
import { groupCount, type Layout } from "../layout.ts";
import { range } from "../../basics/shape.ts";
import {
  type BackwardTensors,
  gradientUnits,
  powerOfTwo,
  READ_STATISTICS,
  runTeams,
  type Teams,
  weigh,
  WORKGROUP,
} from "./wgsl.ts";

/** Elements of a row that a thread holds: as a rule, and at most. */
const HELD = 8;
const MOST_HELD = 16;

/** Most rows that a team takes in turn: what it writes for the parameters is then little. */
const MOST_TURNS = 16;

/** Teams that keep a processor busy. */
const ENOUGH_TEAMS = 256;

/** Whether rows fit into registers, and every row has the same parameters. */
export function areHeldRows({ before, features, after, perChannel }: Layout): boolean {
  return before === 1 && after === 1 && !perChannel && features <= WORKGROUP * MOST_HELD;
}

function teamsFor(length: number): Teams {
  const lanes = Math.min(WORKGROUP, powerOfTwo(length), Math.max(8, powerOfTwo(length / HELD)));
  return { lanes, teams: Math.max(1, 64 / lanes), neighbours: "one team" };
}

/** `dx`, and sum(dy) and sum(dy xhat), in units, of every column over the rows of each of `chunks` teams. */
export function heldRowGradient(
  { x, dy, gamma, statistics }: BackwardTensors,
  layout: Layout,
  { centred, divisor }: Formula,
): { readonly dx: tf.TensorInfo; readonly parts: tf.TensorInfo; readonly chunks: number } {
  const rows = groupCount(layout);
  const { features: length } = layout;
  const teams = teamsFor(length);
  const turns = Math.min(MOST_TURNS, Math.ceil(rows / ENOUGH_TEAMS));
  const workgroups = Math.ceil(rows / (turns * teams.teams));
  const chunks = workgroups * teams.teams;
  const held = range(Math.ceil(length / teams.lanes));
  const forHeld = (line: (k: number) => string) => held.map(line).join("\n");
  const code = `
${READ_STATISTICS}
${weigh(gamma)}
fn run(workgroup: i32) {
  let chunk = workgroup * ${teams.teams} + team();
  ${forHeld((k) => `let l${k} = lane() + ${k * teams.lanes}; var part${k} = vec2<f32>(0.0);`)}
  for (var turn = 0; turn < uniforms.turns; turn++) {
    let row = turn * uniforms.chunks + chunk;
    let end = select(0, uniforms.length, row < uniforms.rows);
    let first = row * uniforms.length;
    let own = statisticsOf(min(row, uniforms.rows - 1));
    var terms = vec2<f32>(0.0);
    ${
    forHeld((k) => `
    var dxhat${k} = 0.0;
    var xhat${k} = 0.0;
    if (l${k} < end) {
      let dy = dy[first + l${k}] * uniforms.unit;
      xhat${k} = xhatOf(x[first + l${k}], own);
      dxhat${k} = weigh(dy, l${k});
      part${k} += vec2<f32>(dy, dy * xhat${k});
      terms += vec2<f32>(dxhat${k}, dxhat${k} * xhat${k});
    }`)
  }
    let sum = total(terms);
    let mean = ${centred ? "sum.x / f32(uniforms.length)" : "0.0"};
    let slope = sum.y / uniforms.divisor;
    let factor = own.inverse * uniforms.units;
    ${
    forHeld((k) => `
    if (l${k} < end) {
      result[first + l${k}] = ((dxhat${k} - mean) - xhat${k} * slope) * factor;
    }`)
  }
  }
  if (chunk < uniforms.chunks) {
    ${
    forHeld((k) => `
    if (l${k} < uniforms.length) {
      parts[2 * (chunk * uniforms.length + l${k})] = part${k}.x;
      parts[2 * (chunk * uniforms.length + l${k}) + 1] = part${k}.y;
    }`)
  }
  }
}`;
  const [dx, parts] = runTeams(teams, {
    name: "heldRowGradient",
    code,
    workgroups,
    inputs: { x, dy, statistics, gamma },
    uniforms: {
      ...{ rows, length, turns, chunks },
      divisor: { float: divisor },
      ...gradientUnits(layout),
    },
    size: tf.util.sizeFromShape(x.shape),
    outputs: { parts: 2 * chunks * length },
  });
  return { dx, parts: parts!, chunks };
}
