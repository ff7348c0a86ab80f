import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { captureTask, inTemporaryFolder, testCommandLine } from "../run/task_testing.ts";
import { formatRecord } from "../run/record.ts";
import { readRecords } from "../../system.ts";
import { RECORDS_FILE } from "../run/run_folder.ts";
import { REPORT_TASK } from "../report/task.ts";
import { PARITY_TASK } from "./task.ts";

const ROOT = join(import.meta.dirname!, "../..");

const SMALL = ["--backend", "cpu", "--case", "layer/axis-2-1,layer/dense"];

Deno.test("parity writes records and reports, prints the table and exits with status 0", () =>
  inTemporaryFolder(async (folder) => {
    const { status, output } = await captureTask(PARITY_TASK, ...SMALL, "--out", folder);
    assertEquals(status, 0);
    assertStringIncludes(output, "Every custom norm is right in all ");
    assertStringIncludes(output, "wrong (reference): tf.layers layer/axis-2-1");
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    for (const name of [RECORDS_FILE, "report.md", "report.html"]) assert(files.includes(name));
  }));

Deno.test("--json prints the records", () =>
  inTemporaryFolder(async (folder) => {
    const { output } = await captureTask(PARITY_TASK, ...SMALL, "--out", folder, "--json");
    const kinds = output.split("\n").map((line) => JSON.parse(line).kind);
    assertEquals(kinds[0], "header");
    assertEquals(new Set(kinds.slice(1)), new Set(["parity"]));
    assertEquals(kinds.length, readRecords(folder).length);
  }));

Deno.test("the same seed gives the same records, another seed others", () =>
  inTemporaryFolder(async (folder) => {
    const recordsOf = async (name: string, seed: string) => {
      const out = join(folder, name);
      await captureTask(PARITY_TASK, ...SMALL, "--out", out, "--seed", seed);
      return readRecords(out).slice(1);
    };
    const first = await recordsOf("first", "5");
    assertEquals(await recordsOf("second", "5"), first);
    assert(JSON.stringify(await recordsOf("third", "6")) !== JSON.stringify(first));
  }));

Deno.test("a run that is killed resumes to the records of one that is not", () =>
  inTemporaryFolder(async (folder) => {
    const args = ["--norm", "layer", "--backend", "cpu", "--case", "layer/offset,layer/museum"];
    const whole = join(folder, "whole");
    const broken = join(folder, "broken");
    await captureTask(PARITY_TASK, ...args, "--out", whole);
    const lines = (await Deno.readTextFile(join(whole, RECORDS_FILE))).split("\n");
    await Deno.mkdir(broken);
    // What a kill leaves: some records, the last one cut short, one case half done.
    await Deno.writeTextFile(
      join(broken, RECORDS_FILE),
      lines.slice(0, 5).join("\n") + "\n" + lines[5]!.slice(0, 100),
    );
    const { status } = await captureTask(PARITY_TASK, ...args, "--out", broken, "--resume");
    assertEquals(status, 0);
    const sorted = (path: string) => readRecords(path).map(formatRecord).sort();
    assertEquals(sorted(broken), sorted(whole));
  }));

Deno.test("Ctrl-C keeps the records and says how to continue", () =>
  inTemporaryFolder(async (folder) => {
    const out = join(folder, "run");
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "-P=parity", "harness/parity/main.ts"],
        ...["--norm", "batch", "--backend", "cpu", "--out", out],
      ],
      cwd: ROOT,
      stderr: "piped",
    }).spawn();
    await linesIn(join(out, RECORDS_FILE), 5);
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    assertEquals(code, 130);
    assertStringIncludes(new TextDecoder().decode(stderr), `--out ${out} --resume`);
    assert(readRecords(out).length >= 5);
  }));

Deno.test({
  name: "a disk that fills up exits with status 3, and the records are kept",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inTemporaryFolder(async (folder) => {
      // Every write to this device fails as on a full disk; opening it needs all permissions.
      await Deno.symlink("/dev/full", join(folder, "report.md.part"));
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--allow-all",
          "harness/parity/main.ts",
          // With fewer backends the task gives up permissions.
          ...["--backend", "all", "--case", "rms/prime"],
          "--out",
          folder,
        ],
        cwd: ROOT,
      }).output();
      assertEquals(code, 3);
      const errors = new TextDecoder().decode(stderr);
      assertStringIncludes(errors, `no space left in ${folder}`);
      assertStringIncludes(errors, `--out ${folder} --resume`);
      assert(readRecords(folder).length > 2);
    }),
});

/** Waits until a file has more than `count` lines. */
async function linesIn(path: string, count: number): Promise<void> {
  const lines = async () => (await Deno.readTextFile(path).catch(() => "")).split("\n").length;
  while (await lines() <= count) await new Promise((resolve) => setTimeout(resolve, 20));
}

Deno.test("the report task renders again from records, and merges runs", () =>
  inTemporaryFolder(async (folder) => {
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    await captureTask(PARITY_TASK, "--backend", "cpu", "--case", "layer/prime", "--out", a);
    await captureTask(PARITY_TASK, "--backend", "cpu", "--case", "rms/prime", "--out", b);
    const { status, output } = await captureTask(REPORT_TASK, a, b, "--out", join(folder, "both"));
    assertEquals(status, 0);
    assertStringIncludes(output, "layer");
    assertStringIncludes(output, "rms");
    const html = await Deno.readTextFile(join(folder, "both", "report.html"));
    assertStringIncludes(html, "layer/prime");
    assertStringIncludes(html, "rms/prime");
  }));

Deno.test("a wrong norm exits with status 1", () =>
  inTemporaryFolder(async (folder) => {
    // Stock wasm has no filter gradient for convolutions, so nothing custom can train one there.
    const { status, output } = await captureTask(
      PARITY_TASK,
      ...["--backend", "wasm-stock", "--case", "weight/conv", "--out", folder],
    );
    assertEquals(status, 1);
    assertStringIncludes(output, "Conv2DBackpropFilter");
  }));

Deno.test("missing data exits with status 3, and everything else is run", () =>
  inTemporaryFolder(async (folder) => {
    const { status, output, errors } = await captureTask(
      PARITY_TASK,
      ...["--backend", "cpu", "--case", "rms/prime,rms/real", "--data-dir", folder],
      ...["--out", join(folder, "run")],
    );
    assertEquals(status, 3);
    assertStringIncludes(errors, "fashion-mnist");
    assertStringIncludes(output, "rms");
    const kinds = readRecords(join(folder, "run")).map(({ kind }) => kind);
    assert(kinds.includes("missing") && kinds.includes("parity"));
  }));

Deno.test("a damaged data file exits with status 3, is named and stays as it is", () =>
  inTemporaryFolder(async (folder) => {
    const file = join(folder, "train-images-idx3-ubyte.gz");
    await Deno.writeTextFile(file, "not an archive");
    const { status, errors } = await captureTask(
      PARITY_TASK,
      ...["--backend", "cpu", "--case", "rms/real-dense", "--data-dir", folder],
      ...["--out", join(folder, "run")],
    );
    assertEquals(status, 3);
    assertStringIncludes(errors, file);
    assertEquals(await Deno.readTextFile(file), "not an archive");
  }));

testCommandLine(PARITY_TASK, [
  [["--backend", "cuda"], 2, "cuda"],
  [["--backend", ""], 2, "--backend"],
  [["--norm", "spectral"], 2, "--norm spectral is unknown. Choose from batch"],
  [["--case", "no-such-case", "--backend", "cpu"], 2, "no-such-case"],
  [["--preset", "slow"], 2, "quick, full"],
  [["--seed", "1.5"], 2, "--seed 1.5"],
  [["--seed", "-1"], 2, "-1"],
  [["--fast"], 2, "--fast is not an option"],
  [["batch"], 2, "batch is not an option"],
  [["--resume"], 2, "--resume needs --out"],
], [
  ...["norm", "backend", "case", "seed", "preset", "out", "resume", "json", "format"],
]);

const OFF = `
export const batchNorm = ({ x, gamma, beta }: any) => x.mul(gamma).add(beta);
export const other = 1;
`;

Deno.test("--format tells JUnit and GitHub which check of a module fails, and where", () =>
  inTemporaryFolder(async (folder) => {
    const [module, junit, summary] = ["mine.ts", "junit.xml", "summary.md"].map((name) =>
      join(folder, name)
    ) as [string, string, string];
    await Deno.writeTextFile(module, OFF);
    Deno.env.set("GITHUB_STEP_SUMMARY", summary);
    try {
      const { status, output, errors } = await captureTask(
        PARITY_TASK,
        ...["--module", module, "--backend", "cpu", "--case", "batch/dense"],
        ...["--out", join(folder, "run"), "--format", `github,junit=${junit}`],
      );
      assertEquals(status, 1);
      assertStringIncludes(
        errors,
        `Repro: ${join(folder, "run", "repro", "batchnorm-y.ts")}, which`,
      );
      assertStringIncludes(output, `::error file=${module},line=2,title=parity%3A batch.batchNorm`);
    } finally {
      Deno.env.delete("GITHUB_STEP_SUMMARY");
    }
    assertStringIncludes(await Deno.readTextFile(summary), "check fail");
    const xml = await Deno.readTextFile(junit);
    assertStringIncludes(xml, '<testcase classname="batch.batchNorm" name="batch/dense"');
    assertStringIncludes(xml, "wrong: ");
  }));
