/**
 * From mean and variance to the statistics that programs share, and back.
 *
 * @module
 */
import type * as tf from "../../basics/tf.ts";
import type { GivenStatistics } from "../kernel_interface.ts";
import { run } from "./program.ts";

/** Threads of a workgroup; each has one group. */
const WORKGROUP = 64;

/** Pivot, shift, inverse deviation and variance of every group; the last is not used here. */
export function assembleStatistics(
  { mean, deviation }: GivenStatistics,
  groups: number,
): tf.TensorInfo {
  const code = `
fn run(workgroup: i32) {
  let group = workgroup * ${WORKGROUP} + i32(localIndex);
  if (group >= uniforms.groups) { return; }
  result[4 * group] = mean[group];
  result[4 * group + 1] = 0.0;
  result[4 * group + 2] = 1.0 / deviation[group];
  result[4 * group + 3] = 0.0;
}`;
  const [statistics] = run({
    name: "assembleStatistics",
    code,
    workgroupSize: WORKGROUP,
    workgroups: Math.ceil(groups / WORKGROUP),
    inputs: { mean, deviation },
    uniforms: { groups },
    size: 4 * groups,
  });
  return statistics!;
}

/** Mean and variance of every group. */
export function meanAndVariance(
  statistics: tf.TensorInfo,
  groups: number,
): [tf.TensorInfo, tf.TensorInfo] {
  const code = `
fn run(workgroup: i32) {
  let group = workgroup * ${WORKGROUP} + i32(localIndex);
  if (group >= uniforms.groups) { return; }
  result[group] = statistics[4 * group] + statistics[4 * group + 1];
  variance[group] = statistics[4 * group + 3];
}`;
  const [mean, variance] = run({
    name: "meanAndVariance",
    code,
    workgroupSize: WORKGROUP,
    workgroups: Math.ceil(groups / WORKGROUP),
    inputs: { statistics },
    uniforms: { groups },
    size: groups,
    outputs: { variance: groups },
  });
  return [mean!, variance!];
}
