import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../norms/basics/errors.ts";
import type { TrainRunRecord } from "../record.ts";
import { questionOf } from "../questions/registry.ts";
import { modelTraining } from "./model.ts";
import type { Panel } from "./panel.ts";
import { trainHeader, type TrialChoices, trialRecords } from "./records_testing.ts";

function model(...records: TrainRunRecord[]) {
  return modelTraining([trainHeader(), ...records], questionOf);
}

function outline(panels: readonly Panel[]) {
  return panels.map(({ label, arms }) => [
    label,
    ...arms.map((arm) => `${arm.label}: ${arm.trials.length}`),
  ]);
}

function arm(norm: string, choices: TrialChoices = {}): TrialChoices {
  return { arm: `mlp/${norm}`, ...choices, model: { norm, ...choices.model } };
}

Deno.test("trials that differ in their seed alone are an arm, by their numbers", () => {
  const [suite] = model(
    ...trialRecords(arm("none", { number: 1 })),
    ...trialRecords(arm("batch")),
    ...trialRecords(arm("none", { number: 0, diverges: 3 })),
  ).suites;
  assertEquals(outline(suite!.panels), [["MLP", "none: 2", "batch: 1"]]);
  const [none] = suite!.panels[0]!.arms;
  assertEquals(none!.trials.map(({ record }) => record.trial.number), [0, 1]);
  assertEquals(none!.diverged.map(({ epochs }) => epochs.length), [3]);
  assertEquals(none!.finished.map(({ epochs }) => epochs.length), [12]);
});

Deno.test("what must not be compared is in different panels", () => {
  const [suite] = model(
    ...trialRecords(arm("batch")),
    ...trialRecords(arm("batch", { arm: "a", model: { architecture: "cnn" } })),
    ...trialRecords(arm("batch", { arm: "b", epochs: 3 })),
    ...trialRecords(arm("batch", { arm: "c", model: { activation: "sigmoid" } })),
  ).suites;
  assertEquals(suite!.panels.map(({ label }) => label), [
    "MLP, relu, 12 epochs",
    "CNN, relu, 12 epochs",
    "MLP, relu, 3 epochs",
    "MLP, sigmoid, 12 epochs",
  ]);
});

Deno.test("sites have separate panels, and shards of one site are merged", () => {
  const elsewhere = trainHeader("Other processor");
  const report = modelTraining([
    trainHeader(),
    ...trialRecords(arm("batch", { number: 0 })),
    trainHeader(),
    ...trialRecords(arm("batch", { number: 1 })),
    elsewhere,
    ...trialRecords(arm("batch", { number: 0 })),
  ], questionOf);
  assertEquals(outline(report.suites[0]!.panels), [
    ["MLP, tensorflow 1", "batch: 2"],
    ["MLP, tensorflow 2", "batch: 1"],
  ]);
});

Deno.test("labels say what differs, and the arm's own name where nothing does", () => {
  const labels = (...choices: TrialChoices[]) =>
    model(...choices.flatMap(trialRecords)).suites[0]!.panels[0]!.arms.map(({ label }) => label);
  assertEquals(
    labels(
      arm("none"),
      arm("batch", { arm: "a" }),
      arm("batch", { arm: "b", model: { placement: "post" } }),
    ),
    ["none", "batch, pre", "batch, post"],
  );
  assertEquals(
    labels(
      arm("batch", { suite: "batch-size", arm: "a", batchSize: 5, learningRate: 0.1 }),
      arm("batch", { suite: "batch-size", arm: "b", batchSize: 10, learningRate: 0.2 }),
    ),
    ["batch, batch size 5", "batch, batch size 10"],
  );
  assertEquals(
    labels(
      arm("weight", { arm: "a", model: { dataDependentInitialization: true } }),
      arm("weight", { arm: "b" }),
    ),
    ["weight (data start)", "weight (plain start)"],
  );
  assertEquals(labels(arm("batch", { arm: "a" }), arm("batch", { arm: "b" })), ["a", "b"]);
});

Deno.test("a trial without an end is named, and takes no part", () => {
  const [suite] = model(
    ...trialRecords(arm("batch")),
    ...trialRecords(arm("batch", { number: 1 })).slice(0, 4),
  ).suites;
  assertEquals(suite!.unfinished, [{ id: "with-without/mlp/batch/1", epochs: 4 }]);
  assertEquals(outline(suite!.panels), [["MLP", "batch: 1"]]);
});

Deno.test("names of pages are safe in a file name, and none is taken twice", () => {
  const suites = ["report", "../x", "X", ""].flatMap((suite) => trialRecords({ suite }));
  assertEquals(model(...suites).suites.map(({ slug }) => slug), [
    "report-2",
    "x",
    "x-2",
    "unnamed",
  ]);
});

Deno.test("one trial made in two ways is refused, and made twice in one way counts once", () => {
  const [long, short] = [12, 6].map((epochs) => trialRecords(arm("batch", { epochs })));
  const repeated = model(...long!, trainHeader(), ...structuredClone(long!)).suites[0]!
    .panels[0]!;
  assertEquals(repeated.arms[0]!.trials.length, 1);
  assertThrows(
    () => model(...long!, trainHeader(), ...short!),
    UsageError,
    "mlp/batch/0 was tried in two ways",
  );
});
