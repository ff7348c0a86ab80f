import { assertEquals } from "@std/assert";
import { size } from "../norms/basics/shape.ts";
import { buildModel } from "./build.ts";
import { trainingBytes } from "./memory.ts";
import { CNN, MLP } from "./networks.ts";

for (
  const [name, description, input] of [
    ["mlp", MLP, [28, 28, 1]],
    ["cnn", CNN, [32, 32, 3]],
  ] as const
) {
  Deno.test(`what training an ${name} takes follows its layers`, () => {
    const bytes = (batch: number) => trainingBytes(description, input, 10, batch);
    const model = buildModel({ ...description, norm: "none" }, input, 10, 0);
    const kernels = model.weights.filter(({ shape }) => shape.length > 1);
    const weights = kernels.reduce((sum, { shape }) => sum + size(shape as number[]), 0);
    const hidden = model.layers.slice(0, -1)
      .filter((layer) => layer.weights.length > 0)
      .map(({ output }) => (output as { shape: number[] }).shape.slice(1));
    const activations = hidden.reduce((sum, shape) => sum + size(shape), 0);
    model.dispose();
    assertEquals(bytes(0), 4 * 4 * weights);
    assertEquals(bytes(2) - bytes(0), 2 * 4 * (4 * activations + size(input)));
  });
}
