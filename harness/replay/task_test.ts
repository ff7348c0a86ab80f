import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { formatRecord } from "../run/record.ts";
import { readRecords } from "../../system.ts";
import { RECORDS_FILE } from "../run/run_folder.ts";
import { REPORT_TASK } from "../report/task.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { captureTask, inTemporaryFolder } from "../run/task_testing.ts";
import { REPLAY_TASK, replayTask } from "./task.ts";
import { fewImages } from "./records_testing.ts";

function noImages() {
  return Promise.reject(new MissingError("CIFAR-10 is not here", "download it"));
}

const withImages = replayTask(() => Promise.resolve(fewImages()));

Deno.test("replay writes records and reports, prints every value and exits with status 0", () =>
  inTemporaryFolder(async (folder) => {
    const { status, output } = await captureTask(
      REPLAY_TASK,
      ...["--backend", "cpu", "--experiment", "N1,n3,N4,N5", "--out", folder],
    );
    assertEquals(status, 0);
    assertStringIncludes(output, "28.57337215 27.08029233 1.62528447");
    assertStringIncludes(output, "Of 22 of the 110 figures");
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    for (const name of [RECORDS_FILE, "report.md", "report.html"]) assert(files.includes(name));
    const records = readRecords(folder);
    assertEquals(new Set(records.map(({ kind }) => kind)), new Set(["header", "figure"]));
  }));

Deno.test("a value that differs is named, and the task exits with status 1", () =>
  inTemporaryFolder(async (folder) => {
    // Other images than the notebook's give other accuracies.
    const { status, output } = await captureTask(
      withImages,
      ...["--backend", "wasm", "--experiment", "N7", "--epochs", "1", "--out", folder],
    );
    assertEquals(status, 1);
    assertStringIncludes(output, "differs");
    const runs = readRecords(folder).filter((record) => record.kind === "notebook-run");
    assertEquals(runs.map(({ network, seed }) => [network, seed]), [
      ["batch norm", 220],
      ["plain", 220],
    ]);
    assert(runs.every(({ losses }) => losses.length === 2));
  }));

Deno.test("further seeds give further runs, and the questions their demonstrations", () =>
  inTemporaryFolder(async (folder) => {
    const args = ["--backend", "wasm", "--experiment", "N7,N10", "--epochs", "1", "--out", folder];
    const { output } = await captureTask(withImages, ...args, "--seeds", "1", "--json");
    const kinds = output.split("\n").map((line) => JSON.parse(line).kind);
    assertEquals(kinds.filter((kind) => kind === "notebook-run").length, 4);
    assertEquals(kinds.filter((kind) => kind === "demonstration").length, 5);
    const html = await Deno.readTextFile(join(folder, "report.html"));
    assertStringIncludes(html, "Contradicted, for 4 of 4 options");
    const rendered = join(folder, "again");
    const { status } = await captureTask(REPORT_TASK, folder, "--out", rendered);
    assertEquals(status, 0);
    assertEquals(await Deno.readTextFile(join(rendered, "report.html")), html);
  }));

Deno.test("a run that is killed resumes to the records of one that is not", () =>
  inTemporaryFolder(async (folder) => {
    const args = ["--backend", "wasm", "--experiment", "N3,N7,N9", "--epochs", "1", "--seeds", "0"];
    const whole = join(folder, "whole");
    await captureTask(withImages, ...args, "--out", whole);
    const lines = (await Deno.readTextFile(join(whole, RECORDS_FILE))).split("\n");
    for (const kind of ["notebook-run", "study-run"]) {
      const broken = join(folder, kind);
      await Deno.mkdir(broken);
      const cut = lines.findIndex((line) => line.includes(kind)) + 1;
      await Deno.writeTextFile(
        join(broken, RECORDS_FILE),
        lines.slice(0, cut).join("\n") + "\n" + lines[cut]!.slice(0, 100),
      );
      await captureTask(withImages, ...args, "--out", broken, "--resume");
      assertEquals(readRecords(broken).map(formatRecord), readRecords(whole).map(formatRecord));
    }
  }));

Deno.test("without images the task runs everything else and exits with status 3", () =>
  inTemporaryFolder(async (folder) => {
    const { status, output, errors } = await captureTask(
      replayTask(noImages),
      ...["--backend", "wasm", "--experiment", "N3,N7", "--out", folder],
    );
    assertEquals(status, 3);
    assertStringIncludes(errors, "CIFAR-10 is not here");
    assertStringIncludes(output, "5.028701372206891e-09");
    assertStringIncludes(output, "download it");
  }));

Deno.test("images are not loaded where no experiment needs them", () =>
  inTemporaryFolder(async (folder) => {
    const { status } = await captureTask(
      replayTask(noImages),
      ...["--backend", "cpu", "--experiment", "N3", "--out", folder],
    );
    assertEquals(status, 0);
  }));

/** Wrong calls: arguments, and what the message must name. */
const WRONG: readonly (readonly [args: readonly string[], text: string])[] = [
  [["--backend", "cuda"], "cuda"],
  [["--experiment", "N11"], "N11 is unknown"],
  [["--preset", "full"], "--preset full"],
  [["--seeds", "1.5"], "--seeds 1.5"],
  [["--epochs", "11"], "--epochs 11"],
  [["--out", ""], "--out needs a value"],
  [["--fast"], "--fast is not an option"],
  [["--resume"], "--resume needs --out"],
];

for (const [args, text] of WRONG) {
  Deno.test(`replay ${args.join(" ")} exits with status 2 and says why`, async () => {
    const { status, errors } = await captureTask(REPLAY_TASK, ...args);
    assertEquals(status, 2);
    assertStringIncludes(errors, text);
  });
}

Deno.test("--help describes every option and experiment", async () => {
  const { status, output } = await captureTask(REPLAY_TASK, "--help");
  assertEquals(status, 0);
  for (
    const option of ["backend", "experiment", "preset", "seeds", "epochs", "out", "resume", "json"]
  ) {
    assertStringIncludes(output, `--${option}`);
  }
  assertStringIncludes(output, "N7   a deep network on CIFAR-10");
});
