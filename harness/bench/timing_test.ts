import { assertAlmostEquals, assertEquals } from "@std/assert";
import { uniformStream } from "../../norms/basics/random.ts";
import { normByName } from "../../norms/registry.ts";
import type { Job, NormJob } from "./jobs.ts";
import { type Measured, ratiosOf, timingsOf } from "./timing.ts";

const SHAPE = [8, 16];

function jobOf(name: string, workload: NormJob["workload"]): Job {
  return { backend: "cpu", norm: normByName(name), workload, shape: SHAPE, options: {} };
}

const STEP: Job = {
  backend: "cpu",
  norm: "weight",
  workload: "training step",
  network: "mlp",
  shape: SHAPE,
};

function took(name: string, role: Measured["role"], seconds: number): Measured {
  return { name, role, batch: 1, samples: [seconds, seconds, seconds] };
}

Deno.test("a norm as fast as the plain operation reaches all of its bandwidth, and one half as fast half", () => {
  const measured = [
    took("a", "custom", 1e-3),
    took("b", "custom", 2e-3),
    took("abs", "copy", 1e-3),
  ];
  const [a, b, copy] = timingsOf(measured, jobOf("layer", "forward"));
  // Layer norm reads x and writes y, as a copy does.
  assertEquals([a!.copyShare, b!.copyShare, copy!.copyShare], [1, 0.5, 1]);
  // A sum that takes as long has moved half as much.
  const [beside] = timingsOf(
    [took("a", "custom", 1e-3), took("sum", "copy", 1e-3)],
    jobOf("layer", "forward"),
  );
  assertEquals(beside!.copyShare, 2);
  assertAlmostEquals(a!.bytesPerSecond!, 2 * 4 * 128 / 1e-3);
  assertAlmostEquals(a!.elementsPerSecond!, 128 / 1e-3);
  assertAlmostEquals(a!.imagesPerSecond!, 8 / 1e-3);
});

Deno.test("the backward pass moves more, in the same time", () => {
  const measured = [took("a", "custom", 1e-3), took("abs", "copy", 1e-3)];
  const { traffic } = normByName("layer");
  const [a] = timingsOf(measured, jobOf("layer", "forward+backward"));
  assertEquals(a!.copyShare, (traffic.forward + traffic.backward) / 2);
});

Deno.test("a training step has no traffic, and a norm of kernels alone no images", () => {
  const measured = [took("a", "custom", 1e-3)];
  const [step] = timingsOf(measured, STEP);
  assertEquals([step!.elementsPerSecond, step!.bytesPerSecond, step!.copyShare], [
    null,
    null,
    null,
  ]);
  assertAlmostEquals(step!.imagesPerSecond!, 8 / 1e-3);
  const [alone] = timingsOf(measured, jobOf("weight", "forward"));
  assertEquals([alone!.imagesPerSecond, alone!.copyShare], [null, null]);
});

Deno.test("custom contenders are compared with references, peers and the first of them", () => {
  const measured = [
    took("a", "custom", 1),
    took("b", "custom", 2),
    took("tf.layers", "reference", 4),
    took("pytorch", "peer", 8),
    took("abs", "copy", 1),
  ];
  const timings = timingsOf(measured, jobOf("layer", "forward"));
  const ratios = ratiosOf(timings, uniformStream("0"));
  assertEquals(ratios.map(({ contender, against, ratio }) => [contender, against, ratio]), [
    ["a", "tf.layers", 0.25],
    ["a", "pytorch", 0.125],
    ["b", "tf.layers", 0.5],
    ["b", "pytorch", 0.25],
    ["b", "a", 2],
  ]);
});

Deno.test("a contender that took turns with another is compared round by round, peers too", () => {
  const slowing = [1, 2, 4, 8, 16, 32, 64];
  const measured: Measured[] = [
    { name: "a", role: "custom", batch: 1, samples: slowing },
    { name: "pytorch", role: "peer", batch: 1, samples: slowing.map((each) => 2 * each) },
  ];
  const [ratio] = ratiosOf(timingsOf(measured, jobOf("layer", "forward")), uniformStream("0"));
  // The machine became 64 times as slow, and the ratio is exact.
  assertEquals([ratio!.low, ratio!.ratio, ratio!.high], [0.5, 0.5, 0.5]);
});
