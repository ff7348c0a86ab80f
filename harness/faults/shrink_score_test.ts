import { assertEquals, assertStringIncludes } from "@std/assert";
import { FAULTS } from "../../fixtures/faults/registry.ts";
import { useBackend } from "../backend/active_backend.ts";
import { differentMinima, medianElements, shrinkMarkdown, shrinkScores } from "./shrink_score.ts";

await useBackend("cpu");

Deno.test("a fault shrinks to one input from the generated cases of different seeds", async () => {
  const faults = FAULTS.filter(({ norm, name }) => norm === "layer" && name === "beta forgotten");
  const scores = await shrinkScores(faults, [0, 1]);
  const [{ minima }] = scores as [typeof scores[number]];
  assertEquals([minima.length, differentMinima({ minima }), medianElements(minima)], [2, 1, 1]);
  const text = shrinkMarkdown(scores);
  assertStringIncludes(text, "1 fault noticed by generated cases: 1 shrink to one input");
  assertStringIncludes(text, "| beta forgotten ");
});
