import { assertEquals, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { implementationsOf } from "../norms/frames/apply.ts";
import { normByName, NORMS } from "../norms/registry.ts";
import { build } from "./models_testing.ts";
import type { NormChoice } from "./description.ts";
import {
  chosenNorm,
  implementationFor,
  NORM_CHOICES,
  NORM_SETTINGS,
  normLayer,
} from "./norm_layer.ts";

Deno.test("no norm, and norms of weights, add no layer", () => {
  assertEquals([normLayer("none", [4]), normLayer("weight", [4])], [undefined, undefined]);
});

Deno.test("settings reach ours and those of tf.layers", () => {
  const settings = { epsilon: 0.25, momentum: 0.5 };
  for (const norm of ["batch", "tf-batch"] as const) {
    const { epsilon, momentum } = normLayer(norm, [4], settings)!.getConfig();
    assertEquals({ epsilon, momentum }, settings);
  }
  for (const norm of ["layer", "tf-layer", "group", "rms"] as const) {
    assertEquals(normLayer(norm, [4], settings)!.getConfig()["epsilon"], 0.25);
  }
});

testOnEveryBackend("networks take fused kernels where the backend has them", () => {
  for (const norm of NORMS) {
    const available = Object.keys(implementationsOf(norm));
    const expected = available.includes("fused") ? "fused" : "composed";
    assertEquals(implementationFor(norm, NORM_SETTINGS), expected);
    const asked = { ...NORM_SETTINGS, implementation: "analytic" };
    assertEquals(implementationFor(norm, asked), "analytic");
  }
  const { layers } = build({ norm: "weight" });
  const config = layers.find((layer) => layer.getClassName().includes("WeightNorm"))!.getConfig();
  assertEquals(config["implementation"], implementationFor(normByName("weight"), NORM_SETTINGS));
});

Deno.test("an implementation that no norm has is refused", () => {
  const refused = () => normLayer("batch", [4], { ...NORM_SETTINGS, implementation: "guessed" });
  assertThrows(refused, RangeError, "guessed");
});

Deno.test("networks can have every norm, and its counterpart in tf.layers where there is one", () => {
  assertEquals(NORM_CHOICES.slice(0, 1 + NORMS.length), [
    "none",
    ...NORMS.map(({ name }) => name as NormChoice),
  ]);
  const others = NORM_CHOICES.slice(1 + NORMS.length);
  for (const choice of others.filter((choice) => choice.startsWith("tf-"))) {
    const { norm, isCounterpart } = chosenNorm(choice)!;
    assertEquals([choice, isCounterpart], [`tf-${norm.name}`, true]);
    assertEquals(normLayer(choice, [4])!.getClassName().startsWith("Normbench"), false);
  }
});

Deno.test("networks can have every variant of a norm, with its options", () => {
  const variants = NORMS.flatMap(({ name, variants = {} }) =>
    Object.entries(variants).map(([variant, options]) => [`${name}-${variant}`, options] as const)
  );
  const names = NORM_CHOICES.filter((choice) => chosenNorm(choice)?.options !== undefined);
  assertEquals(names, variants.map(([name]) => name as NormChoice));
  for (const [name, options] of variants) {
    const config = normLayer(name as NormChoice, [4])!.getConfig();
    assertEquals({ ...config, ...options }, config);
  }
});

Deno.test("a norm that networks do not have is refused, with those that they have", () => {
  const { message } = assertThrows(() => build({ norm: "tf-group" }), RangeError);
  assertEquals(
    message,
    `networks have no norm "tf-group": choose one of ${NORM_CHOICES.join(", ")}`,
  );
});
