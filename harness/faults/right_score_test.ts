import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { FAULTS } from "../../fixtures/faults/registry.ts";
import { RIGHT_ALGORITHMS, type RightAlgorithm } from "../../fixtures/right/registry.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import { testOn } from "../backend/backends_testing.ts";
import { rightCases } from "./mutation_score.ts";
import { rightScores } from "./right_score.ts";
import { accusationsOf, rightLine, rightMarkdown, rightText } from "./task.ts";

// Seeds that full runs of the task take as well; webgpu on software is too slow for a test.
for (const backend of ["cpu", "wasm", "tensorflow"] as const) {
  testOn(backend, "no right algorithm is called wrong", async () => {
    const scores = await rightScores(RIGHT_ALGORITHMS, rightCases, [backend], [0]);
    assertEquals(accusationsOf(scores), []);
    for (const { algorithm, cases } of scores) {
      if (backend === "cpu") assertGreater(cases, 0, `${algorithm.norm}, ${algorithm.name}`);
    }
  });
}

const [right] = RIGHT_ALGORITHMS.filter(({ norm }) => norm === "rms") as [RightAlgorithm];

Deno.test("a wrong algorithm among the right ones is accused, and named", async () => {
  const { implementation } = FAULTS.find(({ norm, name }) =>
    norm === "rms" && name === "sum for mean"
  )!;
  const mistaken: RightAlgorithm = {
    ...right,
    name: "mistaken",
    subject: functionSubject(implementation) as Subject,
  };
  const cases = () => rightCases("rms").slice(0, 1);
  const scores = await rightScores([right, mistaken], cases, ["cpu"], [0, 10]);
  assertEquals(scores.map((score) => [score.cases, score.accusations.length]), [[2, 0], [2, 2]]);
  assertEquals(rightLine(scores), "1 of 2 right algorithms called wrong");
  const { caseId } = scores[1]!.accusations[0]!;
  assertStringIncludes(rightText(scores), `mistaken: ${caseId}`);
  assertStringIncludes(rightMarkdown(scores), rightLine(scores));
});

Deno.test("an algorithm is not run where it cannot be, nor on another seed's cases", async () => {
  const cases = () => rightCases("rms").slice(0, 1);
  const run = async (algorithm: RightAlgorithm, ...seeds: number[]) =>
    (await rightScores([algorithm], cases, ["wasm"], seeds))[0]!.cases;
  assertEquals(await run(right, 0, 1, 2), 1);
  assertEquals(await run({ ...right, readsAtOnce: true }, 0), 0);
  assertEquals(await run({ ...right, takes: () => false }, 0), 0);
});

Deno.test("docs/faults.md lists every right algorithm, and says that none is accused", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/faults.md", import.meta.url));
  for (const { name } of RIGHT_ALGORITHMS) assert(page.includes(`| ${name} `), name);
  const line = `0 of ${RIGHT_ALGORITHMS.length} right algorithms called wrong`;
  assertStringIncludes(page.replace(/\s+/g, " "), line);
});
