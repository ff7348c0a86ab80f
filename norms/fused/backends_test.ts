import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { drawInputs } from "../../fixtures/parity_case.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { useBackend } from "../../harness/backend/active_backend.ts";
import type { BackendName } from "../../harness/backend/registry.ts";
import { applyNorm, implementationOf, implementationsOf } from "../frames/apply.ts";
import { layerNorm } from "../layer_norm.ts";
import { LayerNormalization } from "../layer_norm.ts";
import { layerOf } from "../layers/norm_layer.ts";
import type { Norm, Tensors } from "../basics/norm.ts";
import { functionSubject, layerSubject } from "../basics/subject.ts";
import { normalTensor, valuesOf } from "../basics/tensors_testing.ts";
import * as tf from "../basics/tf.ts";
import { weightNormalization } from "../weight_norm.ts";
import { onEachBackend } from "./backends.ts";
import { FUSED_NORMS, testOnEveryKernels } from "./fused_testing.ts";

const NORM = {
  name: "some",
  implementations: { plain: "plain" },
  fused: onEachBackend((_kernels, backend) => `on ${backend}`),
};

Deno.test("a backend without kernels does not offer fused, and says which ones do", async () => {
  await useBackend("cpu");
  assertEquals(implementationsOf(NORM), { plain: "plain" });
  const { message } = assertThrows(() => implementationOf(NORM, "fused"), RangeError);
  assertStringIncludes(message, "some norm has no fused kernels on the backend cpu");
  assertStringIncludes(message, "choose one of plain, or a backend among ");
  assertStringIncludes(message, "tensorflow");
});

Deno.test("a norm without any kernels has no implementation fused", async () => {
  await useBackend("cpu");
  const { fused: _, ...bare } = NORM;
  const { message } = assertThrows(() => implementationOf(bare, "fused"), RangeError);
  assertEquals(message, 'some norm has no implementation "fused": choose one of plain');
});

testOnEveryKernels("fused is offered beside the others, which stay the default", (backend) => {
  assertEquals(implementationsOf(NORM), { plain: "plain", fused: `on ${backend}` });
  assertEquals(implementationOf(NORM, "fused"), `on ${backend}`);
  assertEquals(implementationOf(NORM, undefined), "plain");
});

testOnEveryKernels(
  "a layer with fused kernels is made anywhere, and called where they are",
  async (backend) => {
    await useBackend("cpu");
    const layer = new LayerNormalization({ implementation: "fused" });
    assertEquals(layer.getConfig()["implementation"], "fused");
    const apply = () => layer.apply(tf.tensor2d([[1, 2, 3]])) as tf.Tensor;
    assertThrows(() => tf.tidy(apply), RangeError, "no fused kernels on the backend cpu");
    await useBackend(backend as BackendName);
    const [y] = await valuesOf(apply());
    // 1 / sqrt(2/3 + 1e-3)
    assertAlmostEquals(y![2]!, 1.2238274, 1e-6);
    layer.dispose();
  },
);

testOnEveryKernels("weightNormalization takes fused kernels", async () => {
  const [w] = await valuesOf(
    weightNormalization(tf.tensor2d([[3], [4]]), tf.tensor1d([10]), { implementation: "fused" }),
  );
  assertAlmostEquals(w![0]!, 6, 1e-5);
  assertAlmostEquals(w![1]!, 8, 1e-5);
});

function smallCase(norm: Norm) {
  const parityCase = parityCases(norm.name, "quick")[0]!;
  const { specs, values } = drawInputs(norm, parityCase, 0);
  const inputs: Tensors = Object.fromEntries(
    specs.map(({ name, shape }) => [name, tf.tensor(values[name]!, [...shape])]),
  );
  const wrt = specs.filter(({ role }) => role !== "state").map(({ name }) => name);
  return { inputs, wrt, options: parityCase.options };
}

for (const norm of FUSED_NORMS) {
  testOnEveryKernels(`fused ${norm.name} norm leaks no tensors`, () => {
    const { inputs, options } = smallCase(norm);
    const before = tf.memory().numTensors;
    const outputs = applyNorm(norm, inputs, options, "fused");
    assertEquals(tf.memory().numTensors, before + Object.keys(outputs).length);
    tf.dispose(outputs);
    const normalized = inputs[norm.normalized]!;
    const gradient = tf.grad((x) =>
      applyNorm(norm, { ...inputs, [norm.normalized]: x }, options, "fused")["y"]!
    )(normalized);
    assertEquals(tf.memory().numTensors, before + 1);
    assertEquals(gradient.shape, normalized.shape);
    assert(Object.values(inputs).every((tensor) => !tensor.isDisposed));
  });

  testOnEveryKernels(
    `fused ${norm.name} norm: each gradient alone is that of all together`,
    async () => {
      const { inputs, wrt, options } = smallCase(norm);
      const { gradients, forward } = functionSubject(implementationOf(norm, "fused"));
      const dy = normalTensor(forward(inputs, options)["y"]!.shape, "dy");
      const together = gradients(inputs, options, dy, wrt);
      for (const name of wrt) {
        const [alone, expected] = await valuesOf(
          gradients(inputs, options, dy, [name])[name]!,
          together[name]!,
        );
        assertEquals(alone, expected, name);
        assertNotEquals(new Set(alone).size, 1, name);
      }
    },
  );

  testOnEveryKernels(
    `the layer of ${norm.name} norm with fused kernels is its function`,
    async () => {
      const { inputs, wrt, options } = smallCase(norm);
      const layer = layerSubject((options) =>
        layerOf(norm, { ...options, implementation: "fused" })
      );
      const compute = functionSubject(implementationOf(norm, "fused"));
      const dy = normalTensor(compute.forward(inputs, options)["y"]!.shape, "dy");
      const outcomes = [layer, compute].map((subject) => [
        subject.forward(inputs, options)["y"]!,
        ...Object.values(subject.gradients(inputs, options, dy, wrt)),
      ]);
      assertEquals(await valuesOf(...outcomes[0]!), await valuesOf(...outcomes[1]!));
    },
  );
}

Deno.test("layer norm's default does not depend on the backend", () => {
  assertEquals(Object.keys(layerNorm.implementations)[0], "composed");
});
