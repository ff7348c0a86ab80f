import { assert, assertEquals } from "@std/assert";
import { uniformStream } from "../../norms/basics/random.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOn } from "../backend/backends_testing.ts";
import { calibration, copyOperation, measureBandwidth, startCalibrator } from "./bandwidth.ts";
import { MACHINE_CLOCK } from "./measure.ts";

const STOPWATCH = { now: MACHINE_CLOCK, complete: () => {}, completionSeconds: 0 };
const COMPLETION = { median: 0, p25: 0, p75: 0, p99: 0 };

testOn(
  "cpu",
  "a bandwidth is what was read and written in the time of the fastest copy",
  async () => {
    const before = tf.memory().numTensors;
    const record = await measureBandwidth("cpu", COMPLETION, STOPWATCH, uniformStream("0"));
    for (const { elements, seconds, bytesPerSecond } of record.points) {
      assert(seconds > 0);
      assertEquals(bytesPerSecond, 8 * elements / seconds);
    }
    assertEquals(record.bytesPerSecond, record.points.at(-1)!.bytesPerSecond);
    tf.tidy(() => assertEquals(copyOperation(record.operation)(tf.ones([2])).shape, [2]));
    assertEquals(tf.memory().numTensors, before);
  },
);

testOn("cpu", "the calibrator measures again and again, and leaks nothing", async () => {
  const before = tf.memory().numTensors;
  const calibrator = await startCalibrator(copyOperation("abs"), STOPWATCH, uniformStream("0"));
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
