import { assertEquals } from "@std/assert";
import { valuesOf } from "../../basics/tensors_testing.ts";
import * as tf from "../../basics/tf.ts";
import { testOn } from "../../../harness/backend/backends_testing.ts";
import { run, tensorOf } from "./program.ts";

testOn("webgpu", "a program reads inputs and uniforms, and writes two outputs", async () => {
  const x = tf.tensor1d([1, 2, 3]);
  const [sum, product] = run({
    name: "sumAndProduct",
    code: `
fn run(workgroup: i32) {
  result[workgroup] = x[workgroup] + uniforms.half;
  product[workgroup] = x[workgroup] * f32(uniforms.two);
}`,
    workgroupSize: 1,
    workgroups: 3,
    inputs: { x, absent: undefined },
    uniforms: { half: { float: 0.5 }, two: 2 },
    size: 3,
    outputs: { product: 3 },
  });
  const values = await valuesOf(tensorOf(sum!, [3]), tensorOf(product!, [3, 1]));
  assertEquals(values, [[1.5, 2.5, 3.5], [2, 4, 6]]);
});

testOn("webgpu", "programs of the same name but other code are told apart", async () => {
  const constant = (value: number) =>
    tensorOf(
      run({
        name: "constant",
        code: `fn run(workgroup: i32) { result[0] = ${value}.0 + f32(uniforms.zero); }`,
        workgroupSize: 1,
        workgroups: 1,
        inputs: {},
        uniforms: { zero: 0 },
        size: 1,
      })[0]!,
      [],
    );
  assertEquals(await valuesOf(constant(1), constant(2)), [[1], [2]]);
});

testOn("webgpu", "there may be more workgroups than a dimension of a grid holds", async () => {
  const count = 3 * 65535 + 7;
  const [numbers] = run({
    name: "numbers",
    code: `
fn run(workgroup: i32) {
  if (workgroup < uniforms.count) { result[workgroup] = f32(workgroup); }
}`,
    workgroupSize: 1,
    workgroups: count,
    inputs: {},
    uniforms: { count },
    size: count,
  });
  const [values] = await valuesOf(tensorOf(numbers!, [count]));
  assertEquals(values!.findIndex((value, i) => value !== i), -1);
});
