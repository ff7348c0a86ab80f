import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { batchNormalization } from "./batch_norm.ts";
import { normalTensor, valuesOf } from "./basics/tensors_testing.ts";
import * as tf from "./basics/tf.ts";
import { lpNorm, lpNormalization, type Order } from "./lp_norm.ts";

const IMPLEMENTATIONS = Object.keys(lpNorm.implementations);

/** What x - mean = -3, 1, 2 is divided by, without an epsilon. */
const DIVISORS: readonly (readonly [Order, number])[] = [
  [1, 2],
  [2, Math.sqrt(14 / 3)],
  ["infinity", 3],
];

testOnEveryBackend(
  "data less their mean are divided by the l_p mean of their magnitudes",
  async () => {
    const x = tf.tensor2d([[2], [6], [7]]);
    for (const implementation of IMPLEMENTATIONS) {
      for (const [p, divisor] of DIVISORS) {
        const { y } = lpNormalization(x, { p, epsilon: 0, training: true, implementation });
        const [values] = await valuesOf(y);
        [-3, 1, 2].forEach((centred, i) =>
          assertAlmostEquals(values![i]!, centred / divisor, 1e-6)
        );
      }
    }
  },
);

testOnEveryBackend("with p = 2 it is batch norm, running statistics included", async () => {
  const x = tf.add(tf.mul(normalTensor([12, 5], "x"), 3), 2);
  const parameters = { gamma: normalTensor([5], "gamma"), beta: normalTensor([5], "beta") };
  for (const implementation of IMPLEMENTATIONS) {
    for (const training of [true, false]) {
      const options = { ...parameters, implementation, training, momentum: 0.9 };
      const lp = await valuesOf(...Object.values(lpNormalization(x, { ...options, p: 2 })));
      const batch = await valuesOf(...Object.values(batchNormalization(x, options)));
      lp.forEach((values, i) =>
        values.forEach((value, j) => assertAlmostEquals(value, batch[i]![j]!, 2e-6))
      );
    }
  }
});

testOnEveryBackend("elements that are equally large share the gradient", async () => {
  // -1 and 1 are both largest; dy reaches the first of them alone.
  const gradientOf = (implementation: string) =>
    tf.grad((x: tf.Tensor) =>
      lpNormalization(x, { p: "infinity", epsilon: 0, training: true, implementation }).y
    )(tf.tensor2d([[-1], [0], [1]]), tf.tensor2d([[0], [1], [2]]));
  // dxhat - mean(dxhat) = -1, 0, 1, less (s - mean(s)) mean(dxhat xhat) with s = -3/2, 0, 3/2.
  const expected = [-1 + 1, 0, 1 - 1];
  for (const implementation of IMPLEMENTATIONS) {
    const [dx] = await valuesOf(gradientOf(implementation));
    expected.forEach((value, i) => assertAlmostEquals(dx![i]!, value, 1e-6));
  }
});

Deno.test("an order that does not exist is refused, with those that do", () => {
  const refused = () => lpNormalization(tf.zeros([2, 3]), { p: 3 as Order });
  const { message } = assertThrows(refused, RangeError);
  assertEquals(message, 'there is no order p = 3: choose one of 1, 2, "infinity"');
});
