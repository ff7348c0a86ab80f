import { assert, assertEquals, assertLess } from "@std/assert";
import * as tf from "../../norms/basics/tf.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import { MACHINE_CLOCK } from "./measure.ts";
import { chromeTrace, type Span, type Trace, trace, Tracer } from "./trace.ts";
import { traceSteps } from "./trace_steps.ts";

const total = (found: Trace) => found.samples.reduce((sum, each) => sum + each, 0);

const accounted = (found: Trace) => found.operations.reduce((sum, { seconds }) => sum + seconds, 0);

testOnEveryBackend(
  "a trace counts every kernel of a step, and its time is within the step",
  async (backend) => {
    const x = tf.ones([64, 64]);
    const step = async () => {
      const y = tf.tidy(() => tf.sum(tf.square(tf.square(x))));
      await y.data();
      y.dispose();
    };
    await step();
    const found = await trace(backend, step, 4, MACHINE_CLOCK);
    const square = found.operations.find(({ name }) => name === "Square")!;
    assertEquals([found.steps, found.samples.length, square.calls], [4, 4, 8]);
    assertLess(accounted(found), total(found));
    for (const { seconds, inside } of found.operations) assert(inside <= seconds);
    // Of the last three steps, in the order of their starts.
    const steps = found.spans.filter(({ category }) => category === "step");
    assertEquals(steps.length, 3);
    const starts = found.spans.map(({ start }) => start);
    assertEquals(starts, starts.toSorted((a, b) => a - b));
    for (const { start, end } of found.spans) {
      assert(steps.some((each) => each.start <= start && end <= each.end));
    }
  },
);

testOnEveryBackend("after a trace nothing is wrapped, also if the step failed", async (backend) => {
  const kernels = tf.getKernelsForBackend(tf.getBackend());
  const before = kernels.map(({ kernelFunc }) => kernelFunc);
  let failed = false;
  try {
    await trace(
      backend,
      () => {
        throw new Error("no memory left");
      },
      1,
      MACHINE_CLOCK,
    );
  } catch {
    failed = true;
  }
  assert(failed);
  assertEquals(kernels.map(({ kernelFunc }) => kernelFunc), before);
  const x = tf.ones([2]);
  assertEquals([...await tf.tidy(() => tf.square(x)).data()], [1, 1]);
});

testOn(
  "tensorflow",
  "calls of TensorFlow are seen within kernels and outside of them",
  async () => {
    const x = tf.ones([64, 64]);
    // TensorFlow is given the numbers when they are first used.
    tf.dispose(tf.square(x));
    const found = await trace("tensorflow", () => tf.dispose(tf.square(x)), 4, MACHINE_CLOCK);
    const calls = found.calls.map(({ name, calls }) => [name, calls]).toSorted();
    assertEquals(calls, [["deleteTensor", 4], ["executeOp", 4]]);
    const square = found.operations.find(({ name }) => name === "Square")!;
    assert(0 < square.inside && square.inside < square.seconds);
    assertEquals(found.operations.map(({ name }) => name).toSorted(), ["Square", "deleteTensor"]);
  },
);

testOn("webgpu", "what is waited for is a call of its own", async () => {
  const x = tf.ones([64, 64]);
  const step = async () => {
    const y = tf.square(x);
    await y.data();
    y.dispose();
  };
  await step();
  const { calls } = await trace("webgpu", step, 4, MACHINE_CLOCK);
  const named = new Map(calls.map(({ name, calls }) => [name, calls]));
  for (const name of ["createBindGroup", "writeBuffer", "read", "read: waiting"]) {
    assertEquals(named.get(name), 4, name);
  }
});

testOn("tensorflow", "a compiled step is one call, and an eager one many", async () => {
  const job = {
    backend: "tensorflow",
    norm: "batch",
    workload: "training step",
    network: "mlp",
    shape: [64, 784],
  } as const;
  const traced = await traceSteps(job, 0, { leastRounds: 2, seconds: 0.05 });
  assertEquals(traced.map(({ record }) => [record.contender, record.mode]), [
    ["compiled", "graph"],
    ["compiled by XLA", "xla"],
    ["eager", "eager"],
  ]);
  const [compiled, byXla, eager] = traced.map(({ record }) => record);
  const executed = ({ calls, steps }: typeof compiled & object) =>
    calls.find(({ name }) => name === "executeOp")!.calls / steps;
  assertEquals([compiled!, byXla!].map(executed), [1, 1]);
  assert(executed(eager!) > 30);
});

Deno.test("nested spans are divided: kernels without kernels, and calls to the kernel around them", () => {
  let seconds = 0;
  const tracer = new Tracer(() => seconds);
  const pass = (more: number) => () => void (seconds += more);
  tracer.run("kernel", "outer", "outer", () => {
    pass(1)();
    tracer.run("call", "executeOp", "Add", pass(2));
    tracer.run("kernel", "inner", "inner", () => {
      pass(4)();
      // What a call itself calls is part of it.
      tracer.run("call", "executeOp", "Mul", () => tracer.run("call", "read", "read", pass(8)));
    });
  });
  tracer.run("call", "deleteTensor", "deleteTensor", pass(16));
  assertEquals([...tracer.operations], [
    ["inner", { calls: 1, seconds: 12, inside: 8 }],
    ["outer", { calls: 1, seconds: 3, inside: 2 }],
    ["deleteTensor", { calls: 1, seconds: 16, inside: 16 }],
  ]);
  assertEquals([...tracer.calls].map(([name, { calls, seconds }]) => [name, calls, seconds]), [
    ["executeOp", 2, 10],
    ["deleteTensor", 1, 16],
  ]);
});

Deno.test("a Chrome trace holds a process for each step, in microseconds", () => {
  const spans: Span[] = [
    { name: "step", category: "step", start: 5, end: 5.002 },
    { name: "MatMul", category: "kernel", start: 5.0005, end: 5.001 },
  ];
  const { traceEvents } = JSON.parse(chromeTrace(new Map([["eager", spans], ["compiled", spans]])));
  assertEquals(traceEvents.length, 8);
  assertEquals(traceEvents[0], {
    ph: "M",
    pid: 0,
    tid: 0,
    name: "process_name",
    args: { name: "eager" },
  });
  assertEquals(traceEvents[3], {
    ph: "X",
    pid: 0,
    tid: 0,
    name: "MatMul",
    cat: "kernel",
    ts: 500,
    dur: 500,
  });
});
