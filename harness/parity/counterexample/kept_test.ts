import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { UsageError } from "../../../norms/basics/errors.ts";
import { inTemporaryFolder } from "../../run/task_testing.ts";
import { keep, keptFile, readKept } from "./kept.ts";
import type { Counterexample } from "./record.ts";

function example(x: number): Counterexample {
  return {
    kind: "counterexample",
    schema: 1,
    backend: "cpu",
    norm: "layer",
    contender: "mine",
    found: "layer/dense",
    shape: [1, 1],
    options: {},
    steps: 1,
    inputs: { x0: { shape: [1, 1], values: [x] } },
    quantity: "y",
    verdict: "wrong",
    got: [NaN],
    expected: { shape: [1, 1], values: [0] },
    budget: [0],
  };
}

Deno.test("what was found is kept beside the module, once, and read again", () =>
  inTemporaryFolder((folder) => {
    const file = keptFile(join(folder, "norms.ts"));
    assertEquals(file, join(folder, "norms.counterexamples.jsonl"));
    assertEquals(readKept(file), []);
    keep(file, [example(1), example(2)]);
    keep(file, [example(2), example(NaN)]);
    assertEquals(readKept(file), [example(1), example(2), example(NaN)]);
  }));

Deno.test("of many the newest are kept", () =>
  inTemporaryFolder((folder) => {
    const file = join(folder, "a.jsonl");
    keep(file, Array.from({ length: 40 }, (_, i) => example(i)));
    assertEquals(readKept(file).map(({ inputs }) => inputs["x0"]!.values[0]).slice(0, 1), [8]);
    assertEquals(readKept(file).length, 32);
  }));

Deno.test("a line that is no counterexample is named", () =>
  inTemporaryFolder((folder) => {
    const file = join(folder, "a.jsonl");
    keep(file, [example(1)]);
    Deno.writeTextFileSync(file, "{}\n", { append: true });
    assertThrows(() => readKept(file), UsageError, "a.jsonl, line 2");
  }));
