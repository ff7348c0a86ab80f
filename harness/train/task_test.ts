import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { helpOf, readCommandLine } from "../run/options.ts";
import { formatRecord } from "../run/record.ts";
import { readRecords as read, RECORDS_FILE } from "../run/run_folder.ts";
import { TRAIN_KINDS, type TrainRunRecord } from "./record.ts";
import { mergeRecords } from "../run/runs.ts";
import { captureTask, inTemporaryFolder, type TaskOutcome } from "../run/task_testing.ts";
import { MECHANISMS } from "./mechanisms/registry.ts";
import { QUESTIONS } from "./questions/registry.ts";
import { type LoadImages, TRAIN_TASK, trainTask } from "./task.ts";
import { loadSmallImages } from "./train_testing.ts";

const readRecords = (path: string) => read(path, TRAIN_KINDS);

const ROOT = join(import.meta.dirname!, "../..");

/** A run of 12 trials, each a fraction of a second. */
const RUN = [
  ...["--suite", "learning-rate", "--backend", "wasm", "--trials", "1", "--epochs", "2"],
  ...["--batch-size", "500"],
];

/** The 6 of them that are without a norm. */
const SMALL = [...RUN, "--norm", "none"];
const SMALL_TRIALS = 6;
const SMALL_EPOCHS = 2;

function train(load: LoadImages, ...args: string[]): Promise<TaskOutcome> {
  return captureTask(trainTask(load), ...args);
}

function figures(records: readonly TrainRunRecord[]): string[] {
  return records.map(formatRecord)
    .map((line) => line.replace(/"imagesPerSecond":[^,}]+/, '"imagesPerSecond":0')).sort();
}

const results = (folder: string) => readRecords(folder).filter(({ kind }) => kind !== "header");

Deno.test("train writes records and report, and says where they are", () =>
  inTemporaryFolder(async (folder) => {
    const { status, output } = await train(loadSmallImages, ...SMALL, "--out", folder);
    assertEquals(status, 0);
    assertStringIncludes(output, `Records: ${folder}`);
    assertStringIncludes(output, join(folder, "report.html"));
    const [header, ...records] = readRecords(folder);
    assert(header?.kind === "header");
    assertEquals(header.task, "train");
    assertEquals(header.options, {
      suites: ["learning-rate"],
      preset: "quick",
      dataset: "rows",
      norms: ["none"],
      seed: 0,
      trials: 1,
      epochs: 2,
      batchSize: 500,
      backends: ["wasm"],
    });
    assertEquals(records.filter(({ kind }) => kind === "trial").length, SMALL_TRIALS);
    assertEquals(
      records.filter(({ kind }) => kind === "epoch").length,
      SMALL_TRIALS * SMALL_EPOCHS,
    );
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(files.filter((name) => name.startsWith("checkpoint")), []);
  }));

Deno.test("a run that is killed again and again has the records of one that is not", () =>
  inTemporaryFolder(async (folder) => {
    const [whole, broken] = [join(folder, "whole"), join(folder, "broken")];
    await train(loadSmallImages, ...RUN, "--out", whole);
    await killAfter(3, broken);
    assert(results(broken).length < results(whole).length, "it was killed too late");
    await killAfter(12, broken, "--resume");
    assert(results(broken).length < results(whole).length, "it was killed too late");
    const { status } = await train(loadSmallImages, ...RUN, "--out", broken, "--resume");
    assertEquals(status, 0);
    assertEquals(figures(readRecords(broken)), figures(readRecords(whole)));
  }));

Deno.test("Ctrl-C keeps the records and says how to continue", () =>
  inTemporaryFolder(async (folder) => {
    const out = join(folder, "run");
    const child = startTask(...SMALL, "--out", out);
    await recordsOf(child, out, 3);
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    assertEquals(code, 130);
    assertStringIncludes(new TextDecoder().decode(stderr), `--out ${out} --resume`);
    assert(readRecords(out).length >= 3);
  }));

async function killAfter(count: number, out: string, ...args: string[]): Promise<void> {
  const child = startTask(...RUN, "--out", out, ...args);
  await recordsOf(child, out, count);
  child.kill("SIGKILL");
  await child.output();
}

function startTask(...args: string[]): Deno.ChildProcess {
  const fixture = join(import.meta.dirname!, "small_images.fixture.ts");
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", fixture, ...args],
    cwd: ROOT,
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Waits until the run in `folder` has `count` records; fails if its process ends before. */
async function recordsOf(child: Deno.ChildProcess, folder: string, count: number): Promise<void> {
  let ended = false;
  child.status.then(() => ended = true);
  const path = join(folder, RECORDS_FILE);
  const lines = async () => (await Deno.readTextFile(path).catch(() => "")).split("\n").length;
  while (await lines() <= count) {
    assert(!ended, `the run ended with fewer than ${count} records`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("shards have separate folders, and merge to the records of the whole run", () =>
  inTemporaryFolder(async (folder) => {
    const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
    await train(loadSmallImages, ...SMALL, "--out", whole);
    for (const shard of ["1/2", "2/2"]) {
      // As a scheduler does: the same command for a shard that starts and for one that continues.
      const { status } = await train(
        loadSmallImages,
        ...[...SMALL, "--out", parts, "--resume", "--shard", shard],
      );
      assertEquals(status, 0);
    }
    const folders = ["shard-1-of-2", "shard-2-of-2"].map((name) => join(parts, name));
    const merged = mergeRecords(folders.map(readRecords), TRAIN_KINDS);
    assertEquals(
      figures(merged.filter(({ kind }) => kind !== "header")),
      figures(results(whole)),
    );
  }));

Deno.test("a substitute data set is announced, recorded once, and exits with status 3", () =>
  inTemporaryFolder(async (folder) => {
    const load = async () => ({ ...await loadSmallImages(), notice: "rows replace clothes" });
    const args = [...SMALL, "--epochs", "1", "--out", folder];
    const { status, errors } = await train(load, ...args);
    assertEquals(status, 3);
    assertStringIncludes(errors, "rows replace clothes");
    await train(load, ...args, "--resume");
    const missing = readRecords(folder).filter((record) => record.kind === "missing");
    assertEquals(missing.map(({ what, reason }) => [what, reason]), [
      ["data", "rows replace clothes"],
    ]);
  }));

Deno.test("--json prints the records", () =>
  inTemporaryFolder(async (folder) => {
    const args = [...SMALL, "--epochs", "1", "--out", folder, "--json"];
    const { output } = await train(loadSmallImages, ...args);
    const kinds = output.split("\n").map((line) => JSON.parse(line).kind);
    assertEquals(kinds.length, readRecords(folder).length);
    assertEquals([...new Set(kinds)], ["header", "epoch", "trial"]);
  }));

Deno.test("a run is not resumed with another configuration", () =>
  inTemporaryFolder(async (folder) => {
    const args = [...SMALL, "--epochs", "1", "--out", folder];
    await train(loadSmallImages, ...args);
    const before = await Deno.readTextFile(join(folder, RECORDS_FILE));
    const others = [["--seed", "1"], ["--batch-size", "100"], ["--suite", "placement"]];
    for (const other of others) {
      const { status, errors } = await train(loadSmallImages, ...args, ...other, "--resume");
      assertEquals(status, 2, other.join(" "));
      assertStringIncludes(errors, "holds a run with");
    }
    const { status, errors } = await train(loadSmallImages, ...args);
    assertEquals(status, 2);
    assertStringIncludes(errors, "Add --resume");
    assertEquals(await Deno.readTextFile(join(folder, RECORDS_FILE)), before);
  }));

Deno.test({
  name: "a disk that fills up exits with status 3, and the run continues when there is space",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      // With a backend that needs no native code the task gives up permissions.
      const args = [...SMALL, "--backend", "auto", "--epochs", "1", "--out", folder];
      // Every write to this device fails as on a full disk; opening it needs all permissions.
      const checkpoint = join(folder, "checkpoint.bin.part");
      await Deno.symlink("/dev/full", checkpoint);
      const child = startTask(...args);
      const { code, stderr } = await child.output();
      assertEquals(code, 3);
      const errors = new TextDecoder().decode(stderr);
      assertStringIncludes(errors, `no space left in ${folder}`);
      assertStringIncludes(errors, `--out ${folder} --resume`);
      await Deno.remove(checkpoint);
      assertEquals((await train(loadSmallImages, ...args, "--resume")).status, 0);
      assertEquals(results(folder).filter(({ kind }) => kind === "trial").length, 6);
    }),
});

Deno.test("a folder that cannot be made is a wrong call", () =>
  inTemporaryFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    const { status, errors } = await train(loadSmallImages, ...SMALL, "--out", join(file, "run"));
    assertEquals(status, 2);
    assertStringIncludes(errors, "cannot be written");
  }));

/** Wrong calls that need images or a backend to be noticed. */
const WRONG: readonly (readonly [args: readonly string[], text: string])[] = [
  [["--batch-size", "2001", "--suite", "placement"], "A batch of 2001 is larger"],
  [["--preset", "standard"], "rows has 3000 training images"],
  [["--backend", "cpu,wasm"], "one backend"],
  [["--backend", "cuda"], "cuda"],
];

for (const [args, text] of WRONG) {
  Deno.test(`train ${args.join(" ")} exits with status 2 and says why`, async () => {
    const { status, errors } = await train(loadSmallImages, "--backend", "cpu", ...args);
    assertEquals(status, 2);
    assertStringIncludes(errors, text);
  });
}

Deno.test("--help exits with status 0", async () => {
  const { status, output } = await train(loadSmallImages, "--help");
  assertEquals(status, 0);
  assertStringIncludes(output, "deno task train");
});

const optionsOf = (...args: string[]) => readCommandLine(TRAIN_TASK, args)!.options;

Deno.test("without options, every question runs quickly on the fastest backend", () => {
  const { suite, preset, dataset, backend, seed, shard } = optionsOf();
  assertEquals(suite, QUESTIONS.map(({ name }) => name));
  assertEquals([preset, dataset, backend, seed, shard], ["quick", "auto", "auto", 0, undefined]);
  assertEquals(optionsOf("--suite", "placement,questions").suite, suite);
  assertEquals(optionsOf("--suite", "why").suite, MECHANISMS.map(({ name }) => name));
  assertEquals(optionsOf("--suite", "all").suite.length, suite.length + MECHANISMS.length);
});

Deno.test("a shard is read", () => {
  assertEquals(optionsOf("--shard", "2/3").shard, { number: 2, count: 3 });
});

const MISTAKES: readonly (readonly [args: readonly string[], text: string])[] = [
  [["--suite", "speed"], "--suite speed is unknown. Choose from with-without"],
  [["--norm", "spectral"], "--norm spectral is unknown. Choose from none, batch"],
  [["--preset", "slow"], "--preset slow is unknown. Choose from quick, standard, full"],
  [["--dataset", "mnist"], "--dataset mnist is unknown. Choose from auto, fashion-mnist"],
  [["--epochs", "0"], "--epochs 0 is not a whole number 1 or greater"],
  [["--trials", "0"], "--trials 0 is not a whole number from 1 to 1000"],
  [["--batch-size", "0"], "--batch-size 0 is not"],
  [["--batch-size", "1.5"], "--batch-size 1.5 is not"],
  [["--seed", "1.5"], "--seed 1.5 is not a whole number from 0 to"],
  [["--seed", "-1"], "-1"],
  [["--shard", "4/3"], "--shard 4/3 asks for shard 4 of 3"],
  [["--out", ""], "--out needs a value"],
  [["--suite", ""], "--suite needs a value"],
  [["--resume"], "--resume needs --out"],
  [["--steps", "fast"], "--steps fast is unknown. Choose from graph, xla, eager"],
  [["--fast"], "--fast is not an option"],
  [["placement"], "placement is not an option"],
];

for (const [args, text] of MISTAKES) {
  Deno.test(`bad usage is named: train ${args.join(" ")}`, async () => {
    const { status, errors } = await captureTask(TRAIN_TASK, ...args);
    assertEquals(status, 2);
    assertStringIncludes(errors, text);
  });
}

Deno.test("help describes every option", () => {
  const help = helpOf(TRAIN_TASK);
  for (const option of ["data-dir", "batch-size", "shard", "out", "resume", "json", "help"]) {
    assertStringIncludes(help, `--${option} `);
  }
});
