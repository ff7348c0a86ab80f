import { assertEquals } from "@std/assert";
import { exampleOf } from "./counterexample/example_testing.ts";
import { customOf, customPlans } from "./custom_plan.ts";
import { subjectOf } from "./custom_norm.ts";

Deno.test("what was kept is tried first, as long as the norm has the same inputs", () => {
  const custom = customOf("mine", subjectOf(({ x }) => x!, {}), { norm: "layer" }, "mine");
  const example = exampleOf({ norm: "layer", shape: [2, 3], quantity: "y" });
  const { gamma: _, ...others } = example.inputs;
  const lacking = { ...example, inputs: others };
  const shorter = { ...example, inputs: { ...others, gamma: { shape: [1], values: [1] } } };
  const plans = customPlans([custom], () => [], { seed: 0, kept: [lacking, shorter, example] });
  assertEquals(plans.map(({ parityCase }) => parityCase.shape), [[2, 3]]);
});
