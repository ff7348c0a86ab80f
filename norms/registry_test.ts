import { assert, assertEquals, assertThrows } from "@std/assert";
import { parityCases } from "../fixtures/parity_cases.ts";
import { normByName, NORMS } from "./registry.ts";
import { size } from "./basics/shape.ts";

Deno.test("norms are found by name", () => {
  for (const norm of NORMS) assertEquals(normByName(norm.name), norm);
  assertEquals(new Set(NORMS.map(({ name }) => name)).size, NORMS.length);
});

Deno.test("a norm that does not exist is named, with those that do", () => {
  const { message } = assertThrows(() => normByName("batchnorm"), RangeError);
  assertEquals(
    message,
    `there is no norm "batchnorm": choose one of ${NORMS.map(({ name }) => name).join(", ")}`,
  );
});

for (const norm of NORMS) {
  Deno.test(`the record of ${norm.name} norm is complete`, () => {
    assertEquals(Object.keys(norm.implementations).slice(0, 2), ["composed", "analytic"]);
    assert("tf.layers" in norm.references);
    for (const text of [norm.title, norm.formula, norm.source]) assert(text !== "");
  });

  Deno.test(`the record of ${norm.name} norm describes its inputs`, () => {
    for (const { shape, options } of parityCases(norm.name, "full")) {
      const specs = norm.inputs(shape, options);
      assertEquals([specs[0]!.name, specs[0]!.role, specs[0]!.shape], ["x", "data", shape]);
      const normalized = specs.find(({ name }) => name === norm.normalized)!;
      const groups = norm.groups(shape, options);
      assertEquals(size(groups.shape), size(normalized.shape));
      assert(groups.axes.every((axis) => axis >= 0 && axis < groups.shape.length));
    }
  });
}
