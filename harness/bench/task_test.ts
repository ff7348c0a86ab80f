import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import process from "node:process";
import type { Implementation } from "../../norms/basics/norm.ts";
import { normByName } from "../../norms/registry.ts";
import { bandwidthRecord, benchRecord, type GroupChoices } from "./records_testing.ts";
import { type BenchRecord, hasTiming } from "./record.ts";
import { formatRecord } from "../run/record.ts";
import { readRecords as read } from "../run/run_folder.ts";
import { BENCH_KINDS } from "./record.ts";
import { RECORDS_FILE } from "../run/run_folder.ts";
import { captureTask, inTemporaryFolder, testCommandLine } from "../run/task_testing.ts";
import { loadBaseline, saveBaseline } from "./baseline.ts";
import { BENCH_TASK, benchTask, type Setting } from "./task.ts";
import type { NormJob } from "./jobs.ts";
import { runJobs } from "./run.ts";

const readRecords = (path: string) => read(path, BENCH_KINDS);

const SMALL = ["--backend", "cpu", "--norm", "rms", "--shape", "8x16"];

const hasty: Setting = {
  measure: (status, plan) =>
    runJobs(status, { ...plan, effort: { leastRounds: 9, seconds: 0.05 } }),
};

/** A machine that measures what `choose` says, which may depend on the pass. */
function fakeMachine(
  folder: string,
  choose: (pass: number) => GroupChoices = () => ({}),
): Setting & { readonly measured: BenchRecord[] } {
  const measured: BenchRecord[] = [];
  return {
    measured,
    baselines: join(folder, "baselines"),
    measure: (_status, { jobs, pass, bandwidth, onRecord }) => {
      if (bandwidth === undefined && jobs.length > 0) {
        onRecord({ ...bandwidthRecord(), backend: "cpu" });
      }
      for (const { norm, workload, shape } of jobs as NormJob[]) {
        const record = benchRecord({
          norm: norm.name,
          workload,
          shape,
          pass,
          noise: `${workload}/${pass}`,
          ...choose(pass),
        });
        measured.push(record);
        onRecord(record);
      }
      return Promise.resolve();
    },
  };
}

/** Runs the task without plots, which take mitata some seconds. */
function bench(setting: Setting, ...args: string[]) {
  return captureTask(benchTask(setting), ...SMALL, "--json", ...args);
}

Deno.test("bench measures, writes records and reports, and prints tables and plots", () =>
  inTemporaryFolder(async (folder) => {
    const { status, output } = await captureTask(
      benchTask(hasty),
      ...SMALL,
      ...["--out", folder],
    );
    assertEquals(status, 0);
    for (const text of ["rms norm, forward, 8x16, hot, cpu", "summary", "against composed"]) {
      assertStringIncludes(output, text);
    }
    const benches = readRecords(folder).filter((record) => record.kind === "bench");
    assertEquals(benches.map(({ workload }) => workload), ["forward", "forward+backward"]);
    for (const { contenders, ratios, calibration } of benches) {
      const timings = contenders.filter(hasTiming);
      assertEquals(
        timings.filter(({ role }) => role !== "copy").map(({ name }) => name),
        ["composed", "analytic", "textbook"],
      );
      assertEquals(ratios.map(({ against }) => against), ["textbook", "textbook", "composed"]);
      for (const { samples, seconds, peakTensors, copyShare } of timings) {
        assert(samples.length >= 9 && seconds.p25 <= seconds.median && peakTensors! > 0);
        assert(copyShare! > 0);
      }
      assert(calibration!.before > 0);
    }
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    for (const name of ["report.md", "report.html", "figures"]) assert(files.includes(name));
  }));

Deno.test("a norm that takes three times as long as in the baseline is found, and exits with status 1", () =>
  inTemporaryFolder(async (folder) => {
    const effort = { leastRounds: 15, seconds: 0 };
    const setting: Setting = {
      measure: (status, plan) => runJobs(status, { ...plan, effort, clock: processSeconds }),
      baselines: join(folder, "baselines"),
    };
    const timed = (...args: string[]) =>
      captureTask(
        benchTask(setting),
        ...["--backend", "cpu", "--norm", "rms", "--shape", "32x256", "--json", ...args],
      );
    const out = join(folder, "then");
    await timed("--out", out);
    saveBaseline("then", readRecords(out), setting.baselines);
    const planted = plantSlowness("rms", "composed", 3);
    try {
      const now = join(folder, "now");
      assertEquals((await timed("--compare", "then", "--out", now)).status, 1);
      const report = await Deno.readTextFile(join(now, "report.md"));
      assertStringIncludes(report, "Slower than the baseline then");
      assertStringIncludes(report, "rms (composed)");
    } finally {
      planted.remove();
    }
  }));

/** Seconds that this process computed: unlike the time of day, the same on a busy machine. */
function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Makes an implementation take `times` as long, by waiting after it. */
function plantSlowness(norm: string, name: string, times: number): { remove(): void } {
  const implementations = normByName(norm).implementations as Record<string, Implementation>;
  const original = implementations[name]!;
  implementations[name] = (inputs, options) => {
    const start = processSeconds();
    const outputs = original(inputs, options);
    const end = start + times * (processSeconds() - start);
    while (processSeconds() < end);
    return outputs;
  };
  return { remove: () => implementations[name] = original };
}

Deno.test("a baseline is saved where both passes agree", () =>
  inTemporaryFolder(async (folder) => {
    const machine = fakeMachine(folder);
    const { status, errors } = await bench(
      machine,
      ...["--save-baseline", "main", "--out", join(folder, "run")],
    );
    assertEquals(status, 0);
    assertStringIncludes(errors, 'Baseline "main" saved');
    assertEquals(loadBaseline("main", machine.baselines).records, machine.measured);
    assertEquals(machine.measured.map(({ pass }) => pass), [1, 1, 2, 2]);
  }));

Deno.test("a baseline is not saved where passes disagree", () =>
  inTemporaryFolder(async (folder) => {
    const machine = fakeMachine(folder, (pass) => ({ composed: pass * 1e-3 }));
    const { status, errors } = await bench(
      machine,
      ...["--save-baseline", "main", "--out", join(folder, "run")],
    );
    assertEquals(status, 1);
    assertStringIncludes(errors, "not saved: only 0 of 2 ratios agree");
    const { errors: unknown } = await bench(machine, "--compare", "main");
    assertStringIncludes(unknown, 'no baseline "main"');
  }));

/** A run compared with a baseline of an unchanged tree. */
async function compared(folder: string, choose?: (pass: number) => GroupChoices) {
  const saving = fakeMachine(folder);
  await bench(saving, "--save-baseline", "main", "--out", join(folder, "then"));
  const machine = fakeMachine(folder, choose);
  const out = join(folder, "now");
  const outcome = await bench(machine, "--compare", "main", "--out", out);
  const changes = readRecords(out).filter((record) => record.kind === "change");
  const report = await Deno.readTextFile(join(out, "report.md"));
  return { ...outcome, report, machine, verdicts: changes.map(({ verdict }) => verdict) };
}

Deno.test("an unchanged norm is measured once, and not flagged", () =>
  inTemporaryFolder(async (folder) => {
    const { status, report, machine, verdicts } = await compared(
      folder,
      () => ({ noise: "another day" }),
    );
    assertEquals([status, verdicts], [0, ["same", "same"]]);
    assertEquals(machine.measured.length, 2);
    assertStringIncludes(report, "Nothing is slower than in the baseline main");
  }));

Deno.test("a slowdown of a fifth is measured once more, found, and exits with status 1", () =>
  inTemporaryFolder(async (folder) => {
    const { status, machine, verdicts } = await compared(folder, () => ({ composed: 1.2e-3 }));
    assertEquals([status, verdicts], [1, ["slower", "slower"]]);
    assertEquals(machine.measured.map(({ pass }) => pass), [1, 1, 2, 2]);
  }));

Deno.test("a slowdown that is not confirmed was that of the machine", () =>
  inTemporaryFolder(async (folder) => {
    const { status, verdicts } = await compared(
      folder,
      (pass) => ({ composed: pass === 1 ? 1.5e-3 : 1e-3 }),
    );
    assertEquals([status, verdicts], [0, ["same", "same"]]);
  }));

Deno.test("a baseline from another device is refused without --force", () =>
  inTemporaryFolder(async (folder) => {
    const machine = fakeMachine(folder);
    const then = join(folder, "then");
    await bench(machine, "--save-baseline", "main", "--out", then);
    const file = join(folder, "baselines", "main", RECORDS_FILE);
    const [header, ...rest] = readRecords(file);
    assert(header!.kind === "header");
    const environment = { ...header!.environment, cpu: "Another CPU" };
    const lines = [{ ...header!, environment }, ...rest].map(formatRecord);
    await Deno.writeTextFile(file, lines.join("\n"));
    const args = ["--compare", "main", "--out", join(folder, "now")];
    const refused = await bench(machine, ...args);
    assertEquals(refused.status, 2);
    assertStringIncludes(refused.errors, "processor was Another CPU");
    assertEquals((await bench(machine, ...args, "--force")).status, 0);
  }));

Deno.test("an interrupted run continues with what is not recorded", () =>
  inTemporaryFolder(async (folder) => {
    const machine = fakeMachine(folder);
    const out = join(folder, "run");
    await bench(machine, "--out", out);
    const lines = (await Deno.readTextFile(join(out, RECORDS_FILE))).split("\n");
    await Deno.writeTextFile(join(out, RECORDS_FILE), lines.slice(0, 3).join("\n") + "\n");
    assertEquals((await bench(machine, "--out", out, "--resume")).status, 0);
    assertEquals(machine.measured.map(({ workload }) => workload), [
      "forward",
      "forward+backward",
      "forward+backward",
    ]);
    assertEquals(readRecords(out).length, 4);
  }));

Deno.test("--json prints the records", () =>
  inTemporaryFolder(async (folder) => {
    const { output } = await bench(fakeMachine(folder), "--out", join(folder, "run"));
    const kinds = output.split("\n").map((line) => JSON.parse(line).kind);
    assertEquals(kinds, ["header", "bandwidth", "bench", "bench"]);
  }));

Deno.test("a shape that does not fit in memory is recorded, and the rest runs", () =>
  inTemporaryFolder(async (folder) => {
    const out = join(folder, "run");
    const { status } = await captureTask(
      benchTask(hasty),
      ...["--backend", "wasm", "--norm", "rms", "--shape", "16384x16384,4x8", "--out", out],
      "--json",
    );
    assertEquals(status, 0);
    const report = await Deno.readTextFile(join(out, "report.md"));
    assertStringIncludes(report, "does not fit in memory");
    const benches = readRecords(out).filter((record) => record.kind === "bench");
    assertEquals(
      benches.map(({ contenders }) => contenders.some(hasTiming)),
      [false, false, true, true],
    );
  }));

Deno.test("a run whose custom norms all failed says so, and exits with status 1", () =>
  inTemporaryFolder(async (folder) => {
    const { status, output } = await captureTask(
      benchTask(hasty),
      ...["--backend", "wasm", "--norm", "rms", "--shape", "16384x16384", "--out", folder],
    );
    assertEquals(status, 1);
    assertStringIncludes(output, "None of 4 custom norms could be timed");
    const report = await Deno.readTextFile(join(folder, "report.md"));
    assertStringIncludes(report, "None of 4 custom norms could be timed");
  }));

Deno.test("a framework that is missing is named with its remedy, and the others take part", () =>
  inTemporaryFolder(async (folder) => {
    const python = join(folder, "python");
    // The last argument is the name of the framework.
    const script = `#!/bin/sh
for name; do :; done
if [ "$name" = keras ]; then echo '{"missing": "No module named keras"}'; exit; fi
echo '{"version": "1"}'
while read -r job; do echo '{"unsupported": true}'; done
`;
    await Deno.writeTextFile(python, script, { mode: 0o755 });
    const { status, errors } = await bench(
      fakeMachine(folder),
      ...["--peers", "pytorch,keras", "--python", python, "--out", join(folder, "run")],
    );
    assertEquals(status, 3);
    assertStringIncludes(errors, "Missing framework: keras.");
    assertStringIncludes(errors, "-m pip install keras tensorflow");
    const report = await Deno.readTextFile(join(folder, "run", "report.md"));
    assertStringIncludes(report, "No module named keras");
    assertStringIncludes(report, "Custom norms are faster");
  }));

Deno.test("--trace says where the time of a step goes, and writes a Chrome trace", () =>
  inTemporaryFolder(async (folder) => {
    const args = ["--trace", "--backend", "wasm", "--norm", "batch", "--network", "mlp"];
    const { status, output } = await captureTask(BENCH_TASK, ...args, "--out", folder);
    assertEquals(status, 0);
    for (const text of ["BatchMatMul", "outside kernels", "mlp, batch norm, eager, wasm: of "]) {
      assertStringIncludes(output, text);
    }
    const report = await Deno.readTextFile(join(folder, "report.md"));
    assertStringIncludes(report, "## Where the time goes");
    const file = join(folder, "trace-wasm-batch-mlp.json");
    const { traceEvents } = JSON.parse(await Deno.readTextFile(file));
    assert(traceEvents.some(({ name }: { name: string }) => name === "BatchMatMul"));
    const again = await captureTask(BENCH_TASK, ...args, "--out", folder, "--resume", "--json");
    assertEquals(again.status, 0);
    assertEquals(readRecords(folder).filter(({ kind }) => kind === "trace").length, 1);
  }));

testCommandLine(BENCH_TASK, [
  [["--shape", "big"], 2, "--shape big is not a shape"],
  [["--norm", "spectral"], 2, "--norm spectral is unknown"],
  [["--backend", "cuda"], 2, "cuda"],
  [["--preset", "slow"], 2, "quick, full"],
  [["--compare", "never-saved"], 2, 'no baseline "never-saved"'],
  [["--save-baseline", "../x"], 2, "cannot be the name of a baseline"],
  [["--peers", "jax"], 2, "--peers jax is unknown"],
  [
    ["--peers", "tensorflow", "--python", "no-such-python", "--backend", "cpu"],
    3,
    "no-such-python",
  ],
  [["--peers", "keras", "--python", "no-such-python", "--backend", "cpu"], 3, "no-such-python"],
  [["--norm", "instance", "--shape", "4x8", "--backend", "cpu"], 2, "instance norm takes no data"],
  [["--seed", "1.5"], 2, "--seed 1.5"],
  [["--out", ""], 2, "--out needs a value"],
  [["--resume"], 2, "--resume needs --out"],
  [["--trace", "--shape", "4x8"], 2, "leave out --shape"],
  [["--network", "rnn"], 2, "--network rnn is unknown"],
  [["--fast"], 2, "--fast is not an option"],
], [
  ...[
    "norm",
    "backend",
    "shape",
    "network",
    "preset",
    "trace",
    "seed",
    "save-baseline",
    "compare",
    "force",
  ],
  ...["peers", "python", "out", "resume", "json"],
]);
