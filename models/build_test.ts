import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { buildModel } from "./build.ts";
import type { Architecture, NormChoice, Placement } from "./description.ts";
import { kernelsOf } from "./initial_weights.ts";
import { NORM_CHOICES } from "./norm_layer.ts";
import { ADAM, batchOf, build, CLASSES, describe, IMAGE } from "./models_testing.ts";
import { TrainingStep } from "./training_step.ts";

const ARCHITECTURES: readonly Architecture[] = ["mlp", "cnn", "fully-connected"];
const PLACEMENTS: readonly Placement[] = ["pre", "post"];
/** Instance norm has no positions to take statistics over in a dense layer. */
function exists(architecture: Architecture, norm: NormChoice): boolean {
  return architecture === "cnn" || norm !== "instance";
}

for (const architecture of ARCHITECTURES) {
  for (const norm of NORM_CHOICES.filter((norm) => exists(architecture, norm))) {
    testOnEveryBackend(`${architecture} with ${norm} norm trains at either place`, async () => {
      for (const placement of PLACEMENTS) {
        const model = build({ architecture, norm, placement });
        const step = new TrainingStep(model, { optimizer: ADAM, l2: 0.01 });
        const { images, labels } = batchOf(4);
        const counts: number[] = [];
        for (let i = 0; i < 2; i++) {
          const { loss, correct } = step.run(images, labels);
          const [value] = await loss.data();
          assert(Number.isFinite(value), `loss ${value}`);
          tf.dispose([loss, correct]);
          counts.push(tf.memory().numTensors);
        }
        assertEquals(counts[1], counts[0]);
        step.dispose();
        model.dispose();
      }
    });
  }
}

function classesOf(model: tf.Sequential): string[] {
  return model.layers.slice(1).map((layer) => layer.getClassName().replace("Normbench", ""));
}

Deno.test("the norm is placed before or after the activation", () => {
  const classes = (placement: Placement) =>
    classesOf(build({ norm: "batch", placement, activation: "leakyRelu" }));
  assertEquals(classes("pre"), ["Flatten", "Dense", "BatchNormalization", "LeakyReLU", "Dense"]);
  assertEquals(classes("post"), ["Flatten", "Dense", "LeakyReLU", "BatchNormalization", "Dense"]);
});

Deno.test("a cnn pools after every convolution", () => {
  const model = build({ architecture: "cnn", norm: "layer", hidden: [8, 4] });
  const block = ["Conv2D", "LayerNormalization", "Activation", "MaxPooling2D"];
  assertEquals(classesOf(model), [...block, ...block, "Flatten", "Dense"]);
  assertEquals(model.layers.at(-2)!.outputShape, [null, 4]);
});

Deno.test("weight norm replaces the hidden layers and no others", () => {
  assertEquals(classesOf(build({ norm: "weight", placement: "post" })), [
    "Flatten",
    "WeightNormDense",
    "Activation",
    "Dense",
  ]);
});

Deno.test("tf.layers' own norms are theirs, with the same settings", () => {
  for (const [ours, theirs] of [["batch", "tf-batch"], ["layer", "tf-layer"]] as const) {
    const [a, b] = [ours, theirs].map((norm) => build({ norm, architecture: "cnn" }).layers[2]!);
    assert(a!.getClassName().startsWith("Normbench") && !b!.getClassName().startsWith("Normbench"));
    for (const setting of ["axis", "epsilon", ...(ours === "batch" ? ["momentum"] : [])]) {
      assertEquals(
        b!.getConfig()[setting],
        ours === "batch" && setting === "axis" ? -1 : a!.getConfig()[setting],
      );
    }
    assertEquals(a!.getConfig()["epsilon"], 1e-5);
  }
});

function biases(architecture: Architecture, norm: NormChoice, placement: Placement): number {
  const { weights } = build({ architecture, norm, placement });
  return weights.filter(({ originalName }) => originalName.endsWith("/bias")).length;
}

Deno.test("a bias that a beta follows is left out, except in the fully connected net", () => {
  assertEquals(biases("mlp", "batch", "pre"), 1);
  assertEquals(biases("cnn", "layer", "pre"), 1);
  assertEquals(biases("mlp", "batch", "post"), 2);
  assertEquals(biases("mlp", "rms", "pre"), 2);
  assertEquals(biases("mlp", "weight", "pre"), 2);
  assertEquals(biases("fully-connected", "batch", "pre"), 2);
});

Deno.test("layer norm of a cnn spans channels and positions, as the paper has it", () => {
  const gamma = (norm: NormChoice) => build({ architecture: "cnn", norm }).layers[2]!.weights[0]!;
  for (const norm of ["layer", "tf-layer", "rms"] as const) {
    assertEquals(gamma(norm).shape, [4, 4, 8]);
  }
});

Deno.test("groups divide the channels and hold at least four of them", () => {
  const groups = (units: number) =>
    build({ norm: "group", hidden: [units] }).layers[3]!.getConfig()["groups"];
  assertEquals([256, 128, 100, 16, 7, 2].map(groups), [8, 8, 5, 4, 1, 1]);
});

testOnEveryBackend("equal seeds give equal kernels, whatever the norm and placement", async () => {
  const kernels = (norm: NormChoice, placement: Placement, seed: number) =>
    read(kernelsOf(build({ norm, placement }, seed)).map(({ kernel }) => kernel.read()));
  const expected = await kernels("none", "pre", 5);
  assertEquals(expected.map(({ length }) => length), [32 * 8, 8 * CLASSES]);
  for (const norm of ["batch", "weight", "tf-layer"] as const) {
    for (const placement of PLACEMENTS) {
      assertEquals(await kernels(norm, placement, 5), expected);
    }
  }
  assertNotEquals(await kernels("none", "pre", 6), expected);
});

testOnEveryBackend("a weight-normalized network starts out as the plain one", async () => {
  for (const architecture of ["mlp", "cnn"] as const) {
    const { images } = batchOf(4);
    const [plain, normalized] = await read(
      (["none", "weight"] as const).map((norm) =>
        build({ architecture, norm }).apply(images) as tf.Tensor
      ),
    );
    plain!.forEach((value, i) => assert(Math.abs(value - normalized![i]!) < 1e-5));
  }
});

async function deviation(changes: Partial<Parameters<typeof describe>[0]>): Promise<number> {
  const model = buildModel(describe({ hidden: [400], ...changes }), [100], CLASSES, 3);
  const [kernel] = await read([kernelsOf(model)[0]!.kernel.read()]);
  return Math.sqrt(kernel!.reduce((sum, value) => sum + value * value, 0) / kernel!.length);
}

Deno.test("weights have the scale of the description, or one that suits the activation", async () => {
  const assertScale = (got: number, expected: number) =>
    // 40000 draws: a standard error of 0.35 %.
    assert(Math.abs(got / expected - 1) < 0.02, `${got}, expected ${expected}`);
  assertScale(await deviation({ weightScale: 0.3 }), 0.3);
  assertScale(await deviation({ activation: "relu" }), Math.sqrt(2 / 100));
  assertScale(await deviation({ activation: "leakyRelu" }), Math.sqrt(2 / 100));
  assertScale(await deviation({ activation: "sigmoid" }), Math.sqrt(2 / 500));
});

Deno.test("what cannot be built is refused, and nothing is left of it", () => {
  const refusals: readonly (readonly [() => unknown, string])[] = [
    [() => build({ hidden: [0] }), "hidden 0 is not a positive whole number"],
    [() => buildModel(describe(), IMAGE, 0, 1), "classes 0 is not a positive whole number"],
    [() => build({ weightScale: 0 }), "weight scale 0 is not a positive number"],
    [() => build({ norm: "instance" }), "has no positions"],
    [() => build({ architecture: "cnn", hidden: [2, 2, 2] }), "do not suit a cnn with 3 pools"],
    [
      () => buildModel(describe({ architecture: "cnn" }), [32], CLASSES, 1),
      "images of shape [32] do not suit a cnn",
    ],
  ];
  const before = tf.memory().numTensors;
  for (const [attempt, message] of refusals) {
    assertStringIncludes(assertThrows(attempt, RangeError).message, message);
  }
  assertEquals(tf.memory().numTensors, before);
});
