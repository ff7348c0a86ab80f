import { assert, assertEquals } from "@std/assert";
import { uniformStream } from "../../norms/basics/random.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOn } from "../backend/backends_testing.ts";
import {
  calibration,
  fastestAt,
  measureBandwidth,
  plainOperation,
  startCalibrator,
} from "./bandwidth.ts";
import { MACHINE_CLOCK } from "./measure.ts";
import { bandwidthRecord } from "./records_testing.ts";

const STOPWATCH = { now: MACHINE_CLOCK, complete: () => {}, completionSeconds: 0 };
const COMPLETION = { median: 0, p25: 0, p75: 0, p99: 0 };

testOn(
  "cpu",
  "a bandwidth is what the fastest plain operation read and wrote in its time",
  async () => {
    const before = tf.memory().numTensors;
    const record = await measureBandwidth("cpu", COMPLETION, STOPWATCH, uniformStream("0"));
    for (const { operation, elements, seconds, bytesPerSecond } of record.points) {
      assert(seconds > 0);
      const { tensors } = plainOperation(operation!);
      assertEquals(bytesPerSecond, 4 * tensors * elements / seconds);
    }
    assertEquals(record.bytesPerSecond, record.points.at(-1)!.bytesPerSecond);
    assertEquals(record.operation, record.points.at(-1)!.operation);
    assertEquals(tf.memory().numTensors, before);
  },
);

testOn("cpu", "the calibrator measures again and again, and leaks nothing", async () => {
  const before = tf.memory().numTensors;
  const calibrator = await startCalibrator(bandwidthRecord(), STOPWATCH, uniformStream("0"));
  assert(await calibrator.measure() > 0 && await calibrator.measure() > 0);
  calibrator.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a machine drifts if it becomes faster or slower by more than a quarter", () => {
  assertEquals([1, 1.2, 1.3, 0.7].map((after) => calibration(1, after).drifted), [
    false,
    false,
    true,
    true,
  ]);
});

testOn("cpu", "a sum moves one tensor, and what writes another moves two", () => {
  for (const [name, tensors, written] of [["sum", 1, 0], ["relu", 2, 1]] as const) {
    const operation = plainOperation(name);
    tf.tidy(() => assertEquals(operation.run(tf.ones([2, 3])).size, written === 0 ? 1 : 6));
    assertEquals(operation.tensors, tensors);
  }
});

Deno.test("the operation that is fastest at a size stands for sizes like it", () => {
  const point = (elements: number, operation?: string) => ({
    elements,
    seconds: 1,
    bytesPerSecond: 1,
    ...(operation === undefined ? {} : { operation }),
  });
  const record = {
    ...bandwidthRecord(),
    operation: "sum",
    points: [point(2 ** 14, "abs"), point(2 ** 22)],
  };
  assertEquals(fastestAt(record, 2 ** 12).name, "abs");
  // Records from before there was one for each size have one for all.
  assertEquals(fastestAt(record, 2 ** 20).name, "sum");
});
