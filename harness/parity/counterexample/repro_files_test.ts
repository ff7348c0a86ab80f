import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { inTemporaryFolder } from "../../run/task_testing.ts";
import { exampleOf } from "./example_testing.ts";
import { pythonTwin } from "./python_twin.ts";
import type { Counterexample } from "./record.ts";
import { reproduction } from "./reproduce.ts";
import { type ReproFile, writeRepros } from "./repro_files.ts";

const IMPORT = `import * as tf from "npm:@tensorflow/tfjs@4.22.0";`;

/** Writes the repros of a module with this text. */
const reproduced = (
  text: string,
  examples: readonly Counterexample[],
  use: (files: readonly ReproFile[], folder: string) => void | Promise<void>,
) =>
  inTemporaryFolder(async (folder) => {
    const module = join(folder, "mine.ts");
    await Deno.writeTextFile(module, text);
    await Deno.writeTextFile(join(folder, "helper.ts"), "export const half = 0.5;\n");
    await use(await writeRepros(join(folder, "run"), module, examples), folder);
  });

/** Runs a file, which must fail; what it says. */
function complaintOf({ path, note }: ReproFile): string {
  assert(path !== undefined, note);
  const { code, stderr } = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-lock",
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      path,
    ],
    env: { NO_COLOR: "1" },
  }).outputSync();
  assertEquals(code, 1);
  return new TextDecoder().decode(stderr);
}

const LAYER = { norm: "layer", shape: [2, 3] } as const;
const BATCH = { norm: "batch", shape: [3, 2], steps: 2, options: { training: true } } as const;

const FUNCTION = `${IMPORT}
const tensors = 1;
export function mine({ x, gamma, beta }: any, { epsilon = 1e-3 }: any) {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).div(variance.add(2 * epsilon).sqrt()).mul(gamma).add(beta);
}
`;

Deno.test("a repro holds the user's module, the smallest input, and fails alone, forward and gradient", () =>
  reproduced(
    FUNCTION,
    [exampleOf({ ...LAYER, quantity: "y" }), exampleOf({ ...LAYER, quantity: "dgamma" })],
    async ([y, gradient]) => {
      const text = await Deno.readTextFile(y!.path!);
      assertStringIncludes(text, FUNCTION.trimEnd());
      assertEquals(text.match(/from "npm:@tensorflow\/tfjs/g)?.length, 1);
      assertStringIncludes(complaintOf(y!), "y is wrong:\n  element 0 is ");
      assertStringIncludes(complaintOf(gradient!), "dgamma is wrong:");
      assertStringIncludes(await Deno.readTextFile(y!.twin!), "torch.nn.LayerNorm(");
    },
  ));

const BATCH_NORM = `${IMPORT}
export const mine = { norm: "batch", implementation: (
  { x, gamma, beta, movingMean, movingVariance }: any,
  { epsilon = 1e-3, momentum = 0.99, training = false }: any,
) => {
  const m = tf.moments(x, 0);
  const mean = training ? m.mean : movingMean;
  const variance = training ? m.variance : movingVariance;
  const y = x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
  if (!training) return { y };
  return {
    y,
    movingMean: movingMean.mul(1 - momentum).add(mean.mul(momentum)),
    movingVariance: movingVariance.mul(momentum).add(variance.mul(1 - momentum)),
  };
} };
`;

Deno.test("a repro follows running statistics over the steps, and predicts with them", () =>
  reproduced(
    BATCH_NORM,
    ["movingMean", "yPredict", "movingVariance"].map((quantity) =>
      exampleOf({ ...BATCH, quantity })
    ),
    async ([mean, prediction, right]) => {
      assertStringIncludes(complaintOf(mean!), "movingMean is wrong:");
      assertStringIncludes(complaintOf(prediction!), "yPredict is wrong:");
      // What does not fail is not written, and that is said.
      assertEquals(right!.path, undefined);
      assertStringIncludes(right!.note!, "it does not fail on cpu");
      const twin = await Deno.readTextFile(mean!.twin!);
      assertStringIncludes(twin, "keras.layers.BatchNormalization(");
    },
  ));

const LAYER_CLASS = `${IMPORT}
class Mine extends tf.layers.Layer {
  gamma: any;
  static className = "Mine";
  constructor(public args: any) { super(args); }
  override build(shape: any) { this.gamma = this.addWeight("gamma", [shape.at(-1)], "float32", tf.initializers.ones()); super.build(shape); }
  override call(x: any) { return tf.tidy(() => (Array.isArray(x) ? x[0] : x).mul(this.gamma.read()).mul(2)); }
}
export const mine = { norm: "rms", layer: (options: any) => new Mine({ name: "a", ...options }) };
`;

Deno.test("a repro builds a layer and gives it its weights", () =>
  reproduced(
    LAYER_CLASS,
    ["y", "dx", "dgamma"].map((quantity) => exampleOf({ norm: "rms", shape: [1, 2], quantity })),
    (files) => {
      for (const file of files) {
        assertStringIncludes(complaintOf(file), `${file.example.quantity} is wrong:`);
      }
    },
  ));

const THROWS = `${IMPORT}
export default function mine({ x }: any) { throw new Error("no such axis: 7"); }
`;

Deno.test("a repro throws what the norm throws", () =>
  reproduced(
    THROWS,
    [exampleOf({ ...LAYER, quantity: "y", verdict: "cannot run", error: "no such axis: 7" })],
    ([file]) => assertStringIncludes(complaintOf(file!), "no such axis: 7"),
  ));

const IMPORTING = `${IMPORT}
import { half } from "./helper.ts";
export const mine = ({ x }: any) => tf.mul(x, half);
`;

Deno.test("a module that imports more than TensorFlow.js is imported by the repro, which says so", () =>
  reproduced(IMPORTING, [exampleOf({ ...LAYER, quantity: "y" })], async ([file]) => {
    const text = await Deno.readTextFile(file!.path!);
    assertStringIncludes(text, 'import { mine } from "../../mine.ts";');
    assertStringIncludes(text, "mine.ts imports more than TensorFlow.js");
    assert(!text.includes("Normbench"));
    assertStringIncludes(complaintOf(file!), "y is wrong:");
  }));

Deno.test("a repro of a module that imports Normbench says that it needs it", () =>
  reproduced(
    `import type { CustomNorm } from "@normbench/normbench";\n${IMPORTING}`,
    [exampleOf({ ...LAYER, quantity: "y" })],
    async ([file]) =>
      assertStringIncludes(await Deno.readTextFile(file!.path!), "This file needs Normbench"),
  ));

Deno.test("a repro says at its head who is wrong, and what it looks like", () => {
  const diagnosis = {
    suspects: [{ fault: "no epsilon", about: "as if it were 0", digits: 6 }],
    confirmed: 3,
    elements: "every element",
  };
  const headOf = (known: Counterexample["diagnosis"]) =>
    reproduction(
      { ...exampleOf({ ...LAYER, quantity: "y" }), ...(known && { diagnosis: known }) },
      { setup: "", expression: "mine" },
      "cpu",
    ).split("\n").slice(0, 2);
  const [who, what] = headOf(diagnosis);
  assert(/^\/\/ mine answers a wrong y \(TensorFlow\.js [\d.]+, cpu\)\.$/.test(who!), who);
  assertEquals(what, "// It looks like: no epsilon (as if it were 0).");
  assertStringIncludes(headOf({ ...diagnosis, suspects: [] })[1]!, "Run it with");
  assertStringIncludes(headOf(undefined)[1]!, "Run it with");
});

Deno.test("a Python twin is in the framework that is nearest, and there is none where no framework has the norm", () => {
  const twin = (norm: string, options: object, quantity = "y") =>
    pythonTwin(exampleOf({ norm, shape: [2, 3], options: { ...options }, quantity }));
  assertStringIncludes(twin("weight", { units: 2 }, "dv")!, "weight_norm(layer)");
  assertStringIncludes(twin("batch", { training: true }, "movingVariance")!, "import keras");
  assertStringIncludes(
    twin("batch", { training: true, unbiasedVariance: true }, "dx")!,
    "torch.autograd.grad(y, [x], array(",
  );
  assertEquals(twin("lp", {}), undefined);
});
