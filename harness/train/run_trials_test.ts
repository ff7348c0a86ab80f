import { TRAIN_KINDS } from "./record.ts";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { join } from "node:path";
import { openRun, readRecords } from "../run/run_folder.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { testOnGraphs } from "../../models/graph/graphs_testing.ts";
import { testOn } from "../backend/backends_testing.ts";
import { type Checkpoint, CheckpointFile } from "./checkpoint.ts";
import { trainHeader } from "./report/records_testing.ts";
import { runTrials, TimeEstimate } from "./run_trials.ts";
import { SMALL_IMAGES, SMALL_TRIAL } from "./train_testing.ts";
import { trainTrial } from "./train_trial.ts";
import type { Trial } from "./trials.ts";

const open = (out: string, resume = false) => openRun(trainHeader(), TRAIN_KINDS, { out, resume });

const TRIALS: readonly Trial[] = [0, 1].map((number) => ({
  ...SMALL_TRIAL,
  id: `test/mlp/batch/${number}`,
  number,
  seed: number,
  epochs: 2,
}));

function testInFolder(name: string, use: (folder: string) => Promise<void>): void {
  testOn("wasm", name, () => inTemporaryFolder(use));
}

const kinds = (folder: string) => readRecords(folder, TRAIN_KINDS).map(({ kind }) => kind);

testInFolder(
  "trials are recorded one after the other, epochs first",
  async (folder) => {
    const run = open(folder);
    await runTrials(TRIALS, SMALL_IMAGES, "wasm", run);
    run[Symbol.dispose]();
    assertEquals(kinds(folder), ["header", "epoch", "epoch", "trial", "epoch", "epoch", "trial"]);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["records.jsonl"]);
  },
);

testInFolder(
  "what is recorded is not run again, nor recorded twice",
  async (folder) => {
    const whole = open(join(folder, "whole"));
    await runTrials(TRIALS, SMALL_IMAGES, "wasm", whole);
    // Killed after the record of the second trial's first epoch, before its checkpoint.
    const run = open(join(folder, "broken"));
    whole.records.slice(1, 5).forEach((record) => run.append(record));
    await runTrials(TRIALS, SMALL_IMAGES, "wasm", run);
    const unmeasured = ({ records }: typeof run) =>
      JSON.stringify(records, (key, value) => key === "imagesPerSecond" ? 0 : value);
    assertEquals(unmeasured(run), unmeasured(whole));
  },
);

testInFolder(
  "a trial continues from the checkpoint of its last recorded epoch",
  async (folder) => {
    const [trial] = TRIALS;
    const run = open(folder);
    const checkpoints: Checkpoint[] = [];
    await trainTrial(trial!, SMALL_IMAGES, {
      backend: "wasm",
      onEpoch: (record) => record.epoch === 1 && run.append(record),
      save: (checkpoint) => checkpoints.push(checkpoint),
    });
    // A loss that no step has had shows whether the checkpoint was read.
    new CheckpointFile(folder).write({ ...checkpoints[0]!, losses: [1e6] });
    await runTrials([trial!], SMALL_IMAGES, "wasm", run);
    const result = run.records.at(-1)!;
    assert(result.kind === "trial");
    assertGreater(result.finalLoss, 1e4);
  },
);

testOnGraphs(
  "by XLA a trial that was cut off starts anew, to the same records",
  () =>
    inTemporaryFolder(async (folder) => {
      const [trial] = TRIALS;
      const [whole, run] = [open(join(folder, "whole")), open(join(folder, "broken"))];
      await runTrials([trial!], SMALL_IMAGES, "tensorflow", whole, "xla");
      const checkpoints: Checkpoint[] = [];
      await trainTrial(trial!, SMALL_IMAGES, {
        backend: "tensorflow",
        engine: "xla",
        onEpoch: (record) => record.epoch === 1 && run.append(record),
        save: (checkpoint) => checkpoints.push(checkpoint),
      });
      new CheckpointFile(join(folder, "broken")).write(checkpoints[0]!);
      await runTrials([trial!], SMALL_IMAGES, "tensorflow", run, "xla");
      const unmeasured = ({ records }: typeof run) =>
        JSON.stringify(records, (key, value) => key === "imagesPerSecond" ? 0 : value);
      assertEquals(unmeasured(run), unmeasured(whole));
      const [result] = run.records.filter((record) => record.kind === "trial");
      assertEquals(result!.steps, "xla");
    }),
);

testInFolder(
  "a checkpoint that is left from a run whose records are gone is not used",
  async (folder) => {
    const [trial] = TRIALS;
    const checkpoints: Checkpoint[] = [];
    const save = (checkpoint: Checkpoint) => checkpoints.push(checkpoint);
    await trainTrial({ ...trial!, seed: 99 }, SMALL_IMAGES, { backend: "wasm", save });
    new CheckpointFile(folder).write(checkpoints[0]!);
    const run = open(folder);
    await runTrials([trial!], SMALL_IMAGES, "wasm", run);
    run[Symbol.dispose]();
    assertEquals(kinds(folder), ["header", "epoch", "epoch", "trial"]);
  },
);

Deno.test("the time that is left is estimated from the measured arms that are most alike", () => {
  const arm = (name: string, model: Partial<Trial["model"]>, batchSize = 8): Trial => ({
    ...SMALL_TRIAL,
    arm: name,
    model: { ...SMALL_TRIAL.model, ...model },
    batchSize,
    epochs: 2,
  });
  // 6 steps an epoch.
  const mlp = arm("mlp", { norm: "none" });
  const normalized = arm("mlp/batch", { norm: "batch" });
  const cnn = arm("cnn", { norm: "none", architecture: "cnn", hidden: [4] });
  const estimate = new TimeEstimate([mlp, normalized, cnn]);
  estimate.add(mlp, 60);
  assertEquals(estimate.of([], mlp, 1), 60, "as measured");
  assertEquals(estimate.of([cnn], mlp, 1), 60 + 120, "with nothing else to go by");
  estimate.add(cnn, 600);
  estimate.add(cnn, 1200);
  assertEquals(estimate.of([cnn], cnn, 0), 1800, "the mean of the epochs");
  assertEquals(estimate.of([normalized], mlp, 0), 120, "by the arm that is most alike");
  const small = arm("mlp/small", { norm: "none" }, 4);
  const sizes = new TimeEstimate([mlp, small]);
  sizes.add(mlp, 60);
  assertEquals(sizes.of([], small, 1), 120, "by the step: 12 an epoch");
});
