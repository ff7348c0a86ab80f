import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { join } from "node:path";
import { planTrials } from "../trials.ts";
import { type Preset, PRESETS } from "./question.ts";
import { questionOf, QUESTIONS } from "./registry.ts";

const FASHION_MNIST = {
  name: "fashion-mnist",
  train: { pixels: new Uint8Array(60_000), labels: new Uint8Array(60_000), count: 60_000 },
  test: { pixels: new Uint8Array(10_000), labels: new Uint8Array(10_000), count: 10_000 },
};

const trialsOf = (preset: Preset, suites = QUESTIONS) =>
  planTrials({ suites, preset, seed: 0, norms: [] }, FASHION_MNIST);

const armsOf = (name: string, preset: Preset = "standard") => questionOf(name).plan(preset).arms;

for (const suite of QUESTIONS) {
  for (const preset of PRESETS) {
    Deno.test(`${suite.name} fits Fashion-MNIST, and has trials enough, in ${preset}`, () => {
      assertGreater(suite.plan(preset).trials, 2);
      const trials = trialsOf(preset, [suite]);
      assertEquals(new Set(trials.map(({ id }) => id)).size, trials.length, "ids are unique");
      assert(suite.plan(preset).arms.some(({ model }) => model.norm === "none"), "a baseline");
    });
  }
}

Deno.test("the questions have the names of the records, and are whole", () => {
  assertEquals(
    QUESTIONS.map(({ name }) => name),
    ["with-without", "placement", "batch-size", "weight-scale", "learning-rate"],
  );
  for (const { title, question } of QUESTIONS) assert(title !== "" && question.endsWith("?"));
});

Deno.test("with-without has the norms on both networks, the stock layer norm on the MLP alone", () => {
  const common = ["none", "batch", "layer", "weight", "weight-plain", "group", "rms", "tf-batch"];
  assertEquals(
    armsOf("with-without").map(({ name }) => name).sort(),
    [
      ...common.map((norm) => `cnn/${norm}`),
      ...[...common, "tf-layer"].map((norm) => `mlp/${norm}`),
    ].sort(),
  );
  const weight = armsOf("with-without").filter(({ model }) => model.norm === "weight");
  assertEquals(
    weight.map(({ name, model }) => [name, model.dataDependentInitialization]),
    [["mlp/weight", true], ["mlp/weight-plain", false], ["cnn/weight", true], [
      "cnn/weight-plain",
      false,
    ]],
  );
});

Deno.test("placement has each network plain, and each norm before and after the activation", () => {
  const mlp = armsOf("placement").filter(({ name }) => name.startsWith("mlp/"));
  assertEquals(
    mlp.map(({ name, model }) => [name, model.norm, model.placement]),
    [
      ["mlp/none", "none", "pre"],
      ["mlp/batch-pre", "batch", "pre"],
      ["mlp/batch-post", "batch", "post"],
      ["mlp/layer-pre", "layer", "pre"],
      ["mlp/layer-post", "layer", "post"],
    ],
  );
  assertEquals(armsOf("placement").length, 2 * mlp.length);
});

Deno.test("batch-size replays the notebook on 1000 images, and goes from 2 to 256", () => {
  const arms = armsOf("batch-size");
  const notebook = arms.filter(({ name }) => name.startsWith("notebook/"));
  assertEquals(
    notebook.map(({ model, batchSize }) => `${model.norm} ${batchSize}`),
    ["none 5", "batch 5", "batch 10", "batch 50", "layer 5", "layer 10", "layer 50"],
  );
  for (const { model, optimizer, train, epochs } of notebook) {
    assertEquals(model.hidden, [100, 100, 100, 100, 100]);
    assertEquals(optimizer, { name: "adam", learningRate: 10 ** -3.5 });
    assertEquals([train, epochs], [1000, 10]);
  }
  const wide = arms.filter(({ name }) => name.startsWith("wide/batch/"));
  assertEquals(wide.map(({ batchSize }) => batchSize), [2, 4, 8, 16, 32, 64, 128, 256]);
  const perImage = wide.map(({ optimizer, batchSize }) => optimizer.learningRate / batchSize);
  assertEquals(new Set(perImage).size, 1, "an epoch moves the weights about as far");
});

Deno.test("weight-scale has 20 scales from 1e-4 to 1, plain and with batch norm", () => {
  for (const norm of ["none", "batch"]) {
    const arms = armsOf("weight-scale").filter(({ model }) => model.norm === norm);
    const scales = arms.map(({ model }) => model.weightScale as number);
    assertEquals([scales.length, scales[0], scales[19]], [20, 1e-4, 1]);
    const ratios = scales.slice(1).map((scale, i) => Math.log10(scale / scales[i]!));
    ratios.forEach((ratio) => assertLess(Math.abs(ratio - 4 / 19), 1e-12));
    arms.forEach(({ model }) => assertEquals(model.hidden, [50, 50, 50, 50, 50, 50, 50]));
  }
});

Deno.test("learning-rate raises the rate 5 and 30 times, for ReLU and sigmoid", () => {
  const arms = armsOf("learning-rate");
  assertEquals(arms.length, 12);
  const rates = arms.slice(0, 3).map(({ optimizer }) => optimizer.learningRate);
  assertEquals(rates.map((rate) => Math.round(rate / rates[0]!)), [1, 5, 30]);
});

/** Training steps that a preset may have in all: what fits into 10 and 35 minutes on two cores. */
const STEPS: Readonly<Partial<Record<Preset, number>>> = { quick: 50_000, standard: 250_000 };

Deno.test("a preset takes a bounded number of steps", () => {
  for (const [preset, most] of Object.entries(STEPS)) {
    const steps = trialsOf(preset as Preset)
      .reduce(
        (sum, { data, batchSize, epochs }) => sum + epochs * Math.floor(data.train / batchSize),
        0,
      );
    assertLess(steps, most, preset);
  }
});

Deno.test("full trains on all images except those for validation, five times", () => {
  const [first] = trialsOf("full");
  assertEquals(first?.data, {
    name: "fashion-mnist",
    train: 55_000,
    validation: 5000,
    test: 10_000,
  });
  for (const suite of QUESTIONS) assertEquals(suite.plan("full").trials, 5);
});

Deno.test("a question's file is imported by the registry and by other questions alone", async () => {
  const harness = join(import.meta.dirname!, "../..");
  const importers: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory && path !== import.meta.dirname) await walk(path);
      if (!name.endsWith(".ts")) continue;
      const imports = (await Deno.readTextFile(path)).matchAll(/from ".*questions\/(\w+)\.ts"/g);
      const outside = [...imports].filter(([, file]) => file !== "registry" && file !== "question");
      if (outside.length > 0) importers.push(path);
    }
  };
  await walk(harness);
  assertEquals(importers, []);
});
