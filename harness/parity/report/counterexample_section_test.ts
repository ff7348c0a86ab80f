import { assert, assertEquals } from "@std/assert";
import { figuresOf } from "../../../reports/document.ts";
import type { Counterexample } from "../record.ts";
import { counterexampleSection } from "./counterexample_section.ts";

const EXAMPLE: Counterexample = {
  kind: "counterexample",
  schema: 1 as never,
  backend: "cpu",
  norm: "layer",
  contender: "mine",
  found: "layer/dense",
  shape: [2, 2],
  options: {},
  steps: 1,
  inputs: { x0: { shape: [2, 2], values: [0, 2, 0, 1] } },
  quantity: "y",
  verdict: "wrong",
  got: [-1, 1, NaN, 0.5],
  expected: { shape: [2, 2], values: [-1, 1, -0.5, 0.25] },
  budget: [1e-6, 1e-6, 1e-6, 1e-6],
  diagnosis: {
    suspects: [{ fault: "no epsilon", about: "it looks as if it did nothing", digits: 6.2 }],
    confirmed: 3,
    elements: "the last row",
  },
};

async function sectionOf(...examples: readonly Counterexample[]) {
  const counterexamples = examples.map((record) => ({ record })) as never;
  return await counterexampleSection({ counterexamples });
}

Deno.test("a counterexample says first what it looks like, then shows input and answer", async () => {
  const { blocks } = await sectionOf(EXAMPLE);
  const [heading, words, , inputs, answer] = blocks;
  assert(heading?.kind === "heading");
  assertEquals(
    heading.text,
    "mine, layer: looks like: no epsilon (it looks as if it did nothing)",
  );
  assert(words?.kind === "paragraph");
  assertEquals(
    words.text,
    "It agrees with that fault to 6 digits, and does so in 3 other cases. Off: the last row.",
  );
  assert(inputs?.kind === "table" && answer?.kind === "table");
  assertEquals(inputs.table.rows, [["x", "[2, 2]", "[[0, 2], [0, 1]]"]]);
  assertEquals(answer.table.rows[2], ["[1, 0]", "NaN", "-0.5", "NaN", "1.0e-6"]);
});

Deno.test("the map of an answer has a cell for each element of what was got, expected and off", async () => {
  const [figure] = figuresOf({ sections: [await sectionOf(EXAMPLE)] } as never);
  assert(figure!.svg.includes("error / budget"));
  assert(figure!.svg.includes("∞"));
  const large = Array.from({ length: 100 * 70 }, (_, i) => i);
  const big = await sectionOf({
    ...EXAMPLE,
    got: large.map((value) => value + 1),
    expected: { shape: [100, 70], values: large },
    budget: large.map(() => 1e-3),
  });
  const [map] = figuresOf({ sections: [big] } as never);
  // 25 blocks of 4 rows, 24 of 3 columns, in three panels.
  assertEquals(map!.svg.match(/stroke="#80808055"/g)?.length, 3 * 25 * 24);
});

Deno.test("without an answer there is the error, without examples no section", async () => {
  const { got: _got, diagnosis: _diagnosis, ...rest } = EXAMPLE;
  const { blocks } = await sectionOf({ ...rest, verdict: "cannot run", error: "no such kernel" });
  const [heading, words] = blocks;
  assert(heading?.kind === "heading" && words?.kind === "paragraph");
  assertEquals(heading.text, "mine, layer: y cannot run");
  assertEquals(words.text, "no such kernel");
  assertEquals((await sectionOf()).blocks, []);
});
