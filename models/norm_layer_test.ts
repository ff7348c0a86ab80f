import { assertEquals, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { implementationsOf } from "../norms/basics/apply.ts";
import { NORMS } from "../norms/registry.ts";
import { build } from "./testing.ts";
import { implementationFor, NORM_SETTINGS, normLayer } from "./norm_layer.ts";

Deno.test("no norm, and norms of weights, have no layer of their own", () => {
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
    assertEquals(implementationFor(norm.name, NORM_SETTINGS), expected);
    const asked = { ...NORM_SETTINGS, implementation: "analytic" };
    assertEquals(implementationFor(norm.name, asked), "analytic");
  }
  const { layers } = build({ norm: "weight" });
  const config = layers.find((layer) => layer.getClassName().includes("WeightNorm"))!.getConfig();
  assertEquals(config["implementation"], implementationFor("weight", NORM_SETTINGS));
});

Deno.test("an implementation that no norm has is refused", () => {
  const refused = () => normLayer("batch", [4], { ...NORM_SETTINGS, implementation: "guessed" });
  assertThrows(refused, RangeError, "guessed");
});
