import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { applyNorm, implementationOf } from "./apply.ts";
import { layerNorm } from "../layer_norm.ts";
import * as tf from "../basics/tf.ts";

Deno.test("the first implementation is the one that is taken unless another is named", () => {
  assertStrictEquals(implementationOf(layerNorm, undefined), layerNorm.implementations["composed"]);
  assertStrictEquals(
    implementationOf(layerNorm, "analytic"),
    layerNorm.implementations["analytic"],
  );
});

Deno.test("an implementation that does not exist is refused, with those that do", () => {
  for (const name of ["fast", ""]) {
    assertThrows(
      () => implementationOf(layerNorm, name),
      RangeError,
      `layer norm has no implementation "${name}": choose one of composed, analytic`,
    );
  }
});

Deno.test("inputs that are undefined count as left out", () => {
  tf.tidy(() => {
    const x = tf.ones([2, 3]);
    const options = { scale: false, center: false };
    const outputs = applyNorm(layerNorm, { x, gamma: undefined, beta: undefined }, options);
    assertEquals(Object.keys(outputs), ["y"]);
  });
});

Deno.test("inputs are checked against what the options ask for", () => {
  tf.tidy(() => {
    const x = tf.ones([2, 3]);
    const gamma = tf.ones([3]);
    const refused = (inputs: Record<string, tf.Tensor | undefined>) =>
      assertThrows(() => applyNorm(layerNorm, inputs, { center: false }), TypeError).message;
    assertEquals(refused({ x }), "input gamma is missing: give a tensor of shape [3]");
    assertEquals(
      refused({ x, gamma, beta: gamma }),
      "input beta is not used with these options, which take x, gamma: " +
        "leave it out, or switch it on",
    );
  });
});
