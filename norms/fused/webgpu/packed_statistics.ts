/**
 * From mean and variance to the statistics that programs share, and back.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import type { GivenStatistics } from "../kernel_interface.ts";
import { type Program, run } from "./program.ts";

const WORKGROUP = 64;

/** Runs `code` with every `group`, a thread each. */
function runGroups(
  groups: number,
  program: Omit<Program, "workgroupSize" | "workgroups" | "uniforms">,
): tf.TensorInfo[] {
  const code = `
fn run(workgroup: i32) {
  let group = workgroup * ${WORKGROUP} + i32(localIndex);
  if (group >= uniforms.groups) { return; }
  ${program.code}
}`;
  const workgroups = Math.ceil(groups / WORKGROUP);
  return run({ ...program, code, workgroupSize: WORKGROUP, workgroups, uniforms: { groups } });
}

/** Pivot, shift, inverse deviation and variance of every group; nothing here reads the last. */
export function assembleStatistics(
  { mean, deviation }: GivenStatistics,
  groups: number,
): tf.TensorInfo {
  const code = `
  result[4 * group] = mean[group];
  result[4 * group + 1] = 0.0;
  result[4 * group + 2] = 1.0 / deviation[group];
  result[4 * group + 3] = 0.0;`;
  const inputs = { mean, deviation };
  return runGroups(groups, { name: "assembleStatistics", code, inputs, size: 4 * groups })[0]!;
}

export function meanAndVariance(statistics: tf.TensorInfo, groups: number): tf.TensorInfo[] {
  const code = `
  result[group] = statistics[4 * group] + statistics[4 * group + 1];
  variance[group] = statistics[4 * group + 3];`;
  return runGroups(groups, {
    name: "meanAndVariance",
    code,
    inputs: { statistics },
    size: groups,
    outputs: { variance: groups },
  });
}
