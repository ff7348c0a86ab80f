import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { groupNormalization } from "./group_norm.ts";
import { instanceNormalization } from "./instance_norm.ts";
import { layerNormalization } from "./layer_norm.ts";
import { normalTensor, valuesOf } from "./basics/tensors_testing.ts";
import * as tf from "./basics/tf.ts";

testOnEveryBackend("as many groups as channels is instance norm", async () => {
  const x = normalTensor([2, 5, 3, 4], "x");
  const [group, instance] = await valuesOf(
    groupNormalization(x, { groups: 4 }),
    instanceNormalization(x),
  );
  assertEquals(group, instance);
});

testOnEveryBackend("one group is layer norm over a whole sample", async () => {
  const x = normalTensor([2, 5, 3, 4], "x");
  const [group, layer] = await valuesOf(
    groupNormalization(x, { groups: 1 }),
    layerNormalization(x, { axis: [1, 2, 3] }),
  );
  // The same numbers, added in another order.
  group!.forEach((value, i) => assertAlmostEquals(value, layer![i]!, 32 * 2 ** -24));
});

Deno.test("groupNormalization has 32 groups unless told otherwise", () => {
  tf.tidy(() => {
    groupNormalization(tf.ones([2, 64]));
    assertThrows(
      () => groupNormalization(tf.ones([2, 48])),
      RangeError,
      "groups 32 does not divide the 48 channels of axis 1: use a divisor",
    );
  });
});

for (const [name, apply] of Object.entries({ groupNormalization, instanceNormalization })) {
  Deno.test(`${name} refuses the axis of the samples for its channels`, () => {
    tf.tidy(() => {
      const x = tf.ones([4, 5, 6]);
      assertThrows(() => apply(x, { axis: 0 }), RangeError, "axis 0 holds the samples");
    });
  });
}

Deno.test("instanceNormalization refuses data without positions", () => {
  tf.tidy(() => {
    assertThrows(
      () => instanceNormalization(tf.ones([4, 5])),
      RangeError,
      "x of shape [4, 5] has no positions to take statistics over",
    );
  });
});
