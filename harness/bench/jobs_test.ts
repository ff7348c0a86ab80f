import { assert, assertEquals, assertThrows } from "@std/assert";
import { normLayer } from "../../models/norm_layer.ts";
import { normByName, NORMS } from "../../norms/registry.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { chooseJobs, parseShape } from "./jobs.ts";

const ALL = NORMS.map(({ name }) => name);

Deno.test("every norm is timed both ways and in a training step", () => {
  for (const preset of ["quick", "full"] as const) {
    const jobs = chooseJobs({ norm: ALL, shape: [], preset }, "cpu");
    for (const name of ALL) {
      const workloads = jobs.filter(({ norm }) => norm.name === name).map((job) => job.workload);
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
  assertEquals(jobs.at(-1)!.network, "cnn");
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
    for (
      const { norm, options } of chooseJobs({ norm: ALL, shape: [shape], preset: "quick" }, "cpu")
    ) {
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
  const norm = normByName("group");
  for (const shape of [[64, 32], [4, 14, 14, 32], [2, 4, 4, 64]]) {
    const [job] = chooseJobs({ norm: ["group"], shape: [shape], preset: "quick" }, "cpu");
    const { groups } = job!.options as { groups: number };
    const config = normLayer("group", shape.slice(1))!.getConfig();
    assertEquals(groups, config["groups"]);
    // A group of one channel would make it instance norm.
    assert(groups < shape.at(-1)!);
    norm.inputs(shape, job!.options);
  }
});
