import { assert, assertEquals, assertThrows } from "@std/assert";
import { normLayer } from "../../models/norm_layer.ts";
import { NORMS } from "../../norms/registry.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { chooseJobs, type NormJob, normNameOf, parseShape, type StepJob } from "./jobs.ts";

const ALL = NORMS.map(({ name }) => name);

Deno.test("every norm is timed both ways and in a training step", () => {
  for (const preset of ["quick", "full"] as const) {
    const jobs = chooseJobs({ norm: ALL, shape: [], preset }, "cpu");
    for (const name of ALL) {
      const workloads = jobs.filter((job) => normNameOf(job) === name).map((job) => job.workload);
      assertEquals(
        [...new Set(workloads)],
        ["forward", "forward+backward", "training step"],
        `${name} norm, ${preset}`,
      );
    }
  }
});

Deno.test("instance norm is left out where there are no positions", () => {
  const jobs = chooseJobs({ norm: ["instance"], shape: [], preset: "quick" }, "cpu");
  assertEquals(jobs.filter(({ shape }) => shape.length < 3), []);
  assertEquals((jobs.at(-1) as StepJob).network, "cnn");
});

Deno.test("the user's shapes replace all others, and the training steps", () => {
  const jobs = chooseJobs({ norm: ["rms"], shape: [[8, 16]], preset: "full" }, "cpu");
  assertEquals(jobs.map(({ shape, workload }) => [shape, workload]), [
    [[8, 16], "forward"],
    [[8, 16], "forward+backward"],
  ]);
});

Deno.test("shapes that fit no norm are refused", () => {
  assertThrows(
    () => chooseJobs({ norm: ["instance"], shape: [[8, 16]], preset: "quick" }, "cpu"),
    UsageError,
    "instance norm takes no data of shape 8x16",
  );
});

Deno.test("every shape has options that its norm accepts", () => {
  const dataShape = (shape: readonly number[], normalized: string) =>
    normalized === "x" ? shape : [1, shape.slice(0, -1).reduce((a, b) => a * b, 1)];
  for (const shape of [[6, 10], [2, 3, 4, 6], [2, 3, 3, 3, 5]]) {
    const jobs = chooseJobs({ norm: ALL, shape: [shape], preset: "quick" }, "cpu");
    for (const { norm, options } of jobs as NormJob[]) {
      norm.inputs(dataShape(shape, norm.normalized), options);
    }
  }
});

Deno.test("a shape has at least two axes, and none of length 0", () => {
  assertEquals(parseShape("32x28x28x16"), [32, 28, 28, 16]);
  for (const text of ["64", "64x", "0x4", "big", "4x-1", "4x4.5", ""]) {
    assertThrows(() => parseShape(text), UsageError, "is not a shape");
  }
});

Deno.test("bench gives norms the options that networks give them", () => {
  for (const shape of [[64, 32], [4, 14, 14, 32], [2, 4, 4, 64]]) {
    const [job] = chooseJobs({ norm: ["group"], shape: [shape], preset: "quick" }, "cpu");
    const { norm, options } = job as NormJob;
    const { groups } = options as { groups: number };
    const config = normLayer("group", shape.slice(1))!.getConfig();
    assertEquals(groups, config["groups"]);
    // A group of one channel would make it instance norm.
    assert(groups < shape.at(-1)!);
    norm.inputs(shape, options);
  }
});

Deno.test("networks that are named replace norms alone, and one of them has no norm", () => {
  const jobs = chooseJobs(
    { norm: ["none", "instance"], shape: [], network: ["mlp", "cnn"], preset: "quick" },
    "cpu",
  );
  assertEquals(
    jobs.map((job) => [normNameOf(job), job.workload, (job as StepJob).network]),
    [
      ["none", "training step", "mlp"],
      ["none", "training step", "cnn"],
      ["instance", "training step", "cnn"],
    ],
  );
  assertThrows(
    () => chooseJobs({ norm: ["instance"], shape: [], network: ["mlp"], preset: "quick" }, "cpu"),
    UsageError,
    "instance norm has no place in mlp",
  );
});
