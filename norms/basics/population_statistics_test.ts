import { assert, assertEquals, assertThrows } from "@std/assert";
import { testOn, testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import { populationStatistics } from "./population_statistics.ts";
import { momentsOf, normalTensor, valuesOf } from "./tensors_testing.ts";
import * as tf from "./tf.ts";

/** Mean over batches of each feature's mean and unbiased variance. */
function direct(batches: readonly number[][], features: number) {
  const moments = batches.map((batch) => momentsOf(batch, features));
  const values = batches[0]!.length / features;
  return Array.from({ length: features }, (_, feature) => {
    const average = (of: "mean" | "variance") =>
      moments.reduce((sum, moment) => sum + moment[feature]![of], 0) / batches.length;
    return { mean: average("mean"), variance: average("variance") * values / (values - 1) };
  });
}

testOnEveryBackend("statistics over several batches, the variance times m/(m-1)", async () => {
  const batches = [1, 2, 3].map((i) => tf.add(normalTensor([5, 4, 3], `batch ${i}`), 100));
  const { mean, variance } = populationStatistics(batches);
  const expected = direct(await valuesOf(...batches), 3);
  const [means, variances] = await valuesOf(mean, variance) as [number[], number[]];
  expected.forEach((feature, i) => {
    // Twelve roundings of the mean's magnitude, of 100, and of the variance's, of 1.
    assert(Math.abs(means[i]! - feature.mean) <= 12 * 2 ** -24 * 100);
    assert(Math.abs(variances[i]! - feature.variance) <= 24 * 2 ** -24 * feature.variance);
  });
});

testOn("cpu", "another feature axis gives one statistic for each of its elements", async () => {
  const batch = tf.tensor2d([[1, 3, 5], [0.5, 0, -0.5]]);
  const { mean, variance } = populationStatistics([batch], 0);
  assertEquals(await valuesOf(mean, variance), [[3, 0], [4, 0.25]]);
});

testOn("cpu", "batches may come one by one, and no tensor leaks", () => {
  function* stream() {
    for (const seed of ["a", "b", "c"]) {
      const batch = normalTensor([8, 2], seed);
      yield batch;
      batch.dispose();
    }
  }
  const before = tf.memory().numTensors;
  tf.dispose(Object.values(populationStatistics(stream())));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("no batch, batches of different shapes and batches of one value are refused", () => {
  tf.tidy(() => {
    assertThrows(() => populationStatistics([]), RangeError, "no batch");
    assertThrows(
      () => populationStatistics([tf.ones([4, 2]), tf.ones([3, 2])]),
      RangeError,
      "shape [3,2] where others have [4,2]",
    );
    assertThrows(() => populationStatistics([tf.ones([1, 2])]), RangeError, "one value");
  });
});
