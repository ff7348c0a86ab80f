import { assert, assertEquals, assertLess } from "@std/assert";
import { FAULTS } from "../../../fixtures/faults/registry.ts";
import type { ParityCase } from "../../../fixtures/parity_case.ts";
import { parityCases } from "../../../fixtures/parity_cases.ts";
import { functionSubject } from "../../../norms/basics/subject.ts";
import { size } from "../../../norms/basics/shape.ts";
import { normByName } from "../../../norms/registry.ts";
import { useBackend } from "../../backend/active_backend.ts";
import { expectation } from "../expect.ts";
import { drawInputs } from "../../../fixtures/parity_case.ts";
import { materialized } from "./given_case.ts";
import { shrink, type Shrunk } from "./shrink.ts";

await useBackend("cpu");

function caseNamed(id: string): ParityCase {
  return parityCases(id.split("/")[0]!, "full").find((each) => each.id === id)!;
}

/** What a case on which a planted fault shows shrinks to. */
async function shrunk(fault: string, id: string, seed = 0): Promise<Shrunk | undefined> {
  const norm = normByName(id.split("/")[0]!);
  const { implementation } = FAULTS.find((each) => each.norm === norm.name && each.name === fault)!;
  const parityCase = caseNamed(id);
  const inputs = drawInputs(norm, parityCase, seed);
  const { dy } = expectation(norm, parityCase, inputs, seed).upstreams[0]!;
  return await shrink(
    { norm, subject: functionSubject(implementation), backend: "cpu" },
    materialized(norm, parityCase, seed, dy),
  );
}

function plain({ given, failed }: Shrunk) {
  const arrays = Object.entries(given.arrays).map(([name, values]) => [name, [...values]]);
  return { ...given, quantity: failed.quantity, arrays: Object.fromEntries(arrays) };
}

Deno.test("a mistake shrinks to the same small input from any case and seed", async () => {
  const found = [
    await shrunk("sqrt(var) + eps", "layer/dense"),
    await shrunk("sqrt(var) + eps", "layer/dense", 1),
    await shrunk("sqrt(var) + eps", "layer/axis-1-2-3"),
    await shrunk("sqrt(var) + eps", "layer/prime"),
  ];
  for (const each of found) {
    assertEquals(plain(each!), {
      shape: [1, 2],
      options: {},
      steps: 1,
      quantity: "y",
      arrays: { x0: [0, 2], gamma: [1, 1], beta: [0, 0], dy: [0, 0] },
    });
  }
});

Deno.test("only the options that a mistake needs are left", async () => {
  const found = plain((await shrunk("gamma reshaped", "layer/axis-3-1-2"))!);
  assertEquals([found.shape, found.options], [[2, 2], { axis: [1, 0] }]);
  const running = plain((await shrunk("momentum swapped", "batch/momentum-0.9"))!);
  assertEquals(running.options, { training: true });
  assertEquals([running.quantity, running.steps], ["movingMean", 1]);
});

Deno.test("a mistake that begins at a length shrinks to that length", async () => {
  const blocks = plain((await shrunk("groups beyond 128 wrong", "layer/conv"))!);
  assertEquals(blocks.shape, [129, 2]);
});

Deno.test("a gradient keeps the upstream gradient that shows it", async () => {
  const { quantity, shape, arrays } = plain((await shrunk("dx without gamma", "layer/dense"))!);
  assertEquals([quantity, shape], ["dx", [1, 2]]);
  assert(arrays["dy"].some((value: number) => value !== 0));
  assert(arrays["gamma"].some((value: number) => value !== 1));
});

Deno.test("an answer that is missing stays missing", async () => {
  const { given, failed } = (await shrunk("y alone", "batch/dense"))!;
  assertEquals([given.shape, failed.verdict, failed.quantity], [
    [1, 1],
    "not returned",
    "movingMean",
  ]);
});

Deno.test("an error that is thrown stays the same error", async () => {
  const norm = normByName("layer");
  const parityCase = caseNamed("layer/conv");
  const subject = functionSubject((inputs) => {
    if (inputs["x"]!.rank !== 2) throw new RangeError(`rank ${inputs["x"]!.rank} is not known`);
    return { y: inputs["x"]! };
  });
  const { dy } = expectation(norm, parityCase, drawInputs(norm, parityCase, 0), 0).upstreams[0]!;
  const found = await shrink(
    { norm, subject, backend: "cpu" },
    materialized(norm, parityCase, 0, dy),
  );
  assertEquals([found!.given.shape, found!.failed.error], [[1, 1, 1], "rank 3 is not known"]);
});

Deno.test("a norm that does not fail has nothing to shrink", async () => {
  const norm = normByName("layer");
  const parityCase = caseNamed("layer/dense");
  const subject = functionSubject(norm.implementations["composed"]!);
  const { dy } = expectation(norm, parityCase, drawInputs(norm, parityCase, 0), 0).upstreams[0]!;
  const given = materialized(norm, parityCase, 0, dy);
  assertEquals(await shrink({ norm, subject, backend: "cpu" }, given), undefined);
});

Deno.test("work ends the search with the smallest case so far", async () => {
  const norm = normByName("layer");
  const { implementation } = FAULTS.find(({ name }) => name === "xhat clipped at 5")!;
  const parityCase = caseNamed("layer/outliers");
  const { dy } = expectation(norm, parityCase, drawInputs(norm, parityCase, 0), 0).upstreams[0]!;
  const suspicion = { norm, subject: functionSubject(implementation), backend: "cpu" } as const;
  const found = await shrink(suspicion, materialized(norm, parityCase, 0, dy), { work: 20_000 });
  assertLess(found!.runs, 30);
  assert(size(found!.given.shape) <= size(parityCase.shape));
});
