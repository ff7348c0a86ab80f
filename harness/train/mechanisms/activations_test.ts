import { assertAlmostEquals, assertEquals } from "@std/assert";
import { testOnEveryBackend } from "../../backend/backends_testing.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { batchOf, build } from "../../../models/models_testing.ts";
import { driftBetween, lookAtActivations } from "./activations.ts";

testOnEveryBackend("percentiles are those of what a layer before an activation gives", async () => {
  const model = build({ hidden: [5] });
  const { images, labels } = batchOf(21);
  const { layers, silent, accuracy } = await lookAtActivations(model, [images, labels]);
  const [, flatten, dense] = model.layers;
  const values = tf.tidy(() => dense!.apply(flatten!.apply(images)) as tf.Tensor);
  const rows = await values.array() as number[][];
  const columns = rows[0]!.map((_, unit) => rows.map((row) => row[unit]!).sort((a, b) => a - b));
  assertEquals(layers.length, 1);
  columns.forEach((column, unit) => {
    assertAlmostEquals(layers[0]![unit]!.p50, column[10]!, 1e-4);
    assertAlmostEquals(layers[0]![unit]!.p15, column[3]!, 1e-4);
    assertAlmostEquals(layers[0]![unit]!.p85, column[17]!, 1e-4);
  });
  assertEquals(silent, columns.filter((column) => column.at(-1)! <= 0).length / columns.length);
  const logits = model.apply(images) as tf.Tensor;
  const right = await tf.equal(tf.argMax(logits, 1), labels).data<"float32">();
  assertAlmostEquals(accuracy, right.reduce((sum, each) => sum + each, 0) / 21, 1e-6);
  tf.dispose([values, logits, images, labels]);
  model.dispose();
});

Deno.test("drift is the movement of percentiles in units of their distance", () => {
  const before = [{ p15: -1, p50: 0, p85: 1 }, { p15: 0, p50: 1, p85: 2 }];
  assertEquals(driftBetween(before, before), 0);
  const moved = before.map(({ p15, p50, p85 }) => ({ p15: p15 + 1, p50: p50 + 1, p85: p85 + 1 }));
  assertEquals(driftBetween(before, moved), 0.5);
});
