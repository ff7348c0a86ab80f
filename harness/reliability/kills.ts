/** SIGKILL at random moments: what is recorded stays, and the same command with `--resume` completes it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { uniformStream } from "../../norms/basics/random.ts";
import { TIMES_FASTER } from "../replay/published.ts";
import { readRecords } from "../run/run_folder.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { KINDS, type NormbenchRecord } from "../tasks.ts";
import type { Outcome, Trial } from "./trial.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Small runs of the tasks that record: their program, and its arguments. */
export const RUNS: Readonly<Record<string, readonly string[]>> = {
  parity: [
    ...["--permission-set=parity", "harness/parity/main.ts"],
    ...["--norm", "layer,batch", "--backend", "wasm,cpu", "--case", "axis"],
  ],
  bench: [
    ...["--permission-set=bench", "harness/bench/main.ts"],
    ...["--norm", "layer", "--backend", "wasm", "--shape", "8x8"],
  ],
  train: [
    ...["--allow-all", "harness/train/small_images.fixture.ts"],
    ...["--suite", "learning-rate", "--norm", "none", "--trials", "1", "--epochs", "2"],
    ...["--batch-size", "500", "--backend", "wasm"],
  ],
  replay: [
    ...["--permission-set=replay", "harness/replay/main.ts"],
    ...["--experiment", "N1,N2,N3,N4,N5,N6", "--backend", "wasm,cpu"],
  ],
};

/** Starts a task in a process of its own, by a program that starts others if one is given. */
export function startProgram(
  args: readonly string[],
  { starter = [], ...options }: Deno.CommandOptions & { readonly starter?: readonly string[] } = {},
): Deno.ChildProcess {
  const [program, ...given] = [
    ...[...starter, Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-check"],
    ...args,
  ];
  return new Deno.Command(program!, {
    ...{ cwd: ROOT, stdin: "null", stdout: "null", stderr: "piped", ...options },
    args: given,
  }).spawn();
}

/** Starts a run, or continues what is in the folder. */
function startRun(task: string, out: string): Deno.ChildProcess {
  return startProgram([...RUNS[task]!, "--out", out, "--resume"]);
}

/** How often tests kill runs; the others take too long for them. */
const QUICK: Readonly<Record<string, number>> = { parity: 1, train: 2 };

export const KILLS: readonly Trial[] = Object.keys(RUNS).map((task) => ({
  name: `kill-${task}`,
  about: `SIGKILL at random moments of ${task}: resumed, it has the records of an undisturbed ` +
    "run, byte for byte except for times",
  quick: QUICK[task] ?? 0,
  full: 30,
  run: (times, seed) => kill(task, times, seed),
}));

/** Kills runs until `times` kills hit, each run several times, and completes them. */
async function kill(task: string, times: number, seed: number): Promise<Outcome> {
  const uniform = uniformStream(`kill/${task}/${seed}`);
  const lost: string[] = [];
  let [kills, runs] = [0, 0];
  await inTemporaryFolder(async (folder) => {
    const start = performance.now();
    await complete(task, join(folder, "whole"));
    const duration = performance.now() - start;
    const whole = recordsOf(join(folder, "whole"));
    while (kills < times) {
      runs++;
      const out = join(folder, String(runs));
      for (let ended = false; !ended;) {
        const delay = kills < times ? uniform() * duration : Infinity;
        const { signal, code, errors } = await endAfter(startRun(task, out), delay);
        if (signal !== null) kills++;
        ended = signal === null;
        if (ended && code !== 0) lost.push(`run ${runs} ended with status ${code}: ${errors}`);
      }
      if (!equal(recordsOf(out), whole)) lost.push(`run ${runs} has other records`);
    }
  });
  return { lost, found: `${kills} kills over ${runs} runs` };
}

async function complete(task: string, out: string): Promise<void> {
  const { code, errors } = await endAfter(startRun(task, out));
  if (code !== 0) throw new Error(`${task} ended with status ${code}: ${errors}`);
}

/** How a process ends by itself, or by SIGKILL after so many milliseconds. */
export async function endAfter(child: Deno.ChildProcess, milliseconds = Infinity) {
  const timer = Number.isFinite(milliseconds)
    ? setTimeout(() => child.kill("SIGKILL"), milliseconds)
    : undefined;
  const { signal, code, stderr } = await child.output();
  clearTimeout(timer);
  return { signal, code, errors: new TextDecoder().decode(stderr) };
}

/** The records of a run without what it measured in time. */
export function recordsOf(folder: string): string[] {
  return readRecords(folder, KINDS).map(withoutTimes);
}

/** Fields that hold times, or follow from them, by kind of record. */
const TIMED: Readonly<Partial<Record<NormbenchRecord["kind"], readonly string[]>>> = {
  bandwidth: ["operation", "points", "bytesPerSecond", "completion"],
  bench: [
    ...["batch", "samples", "seconds", "device", "calibration", "ratio", "low", "high"],
    ...["elementsPerSecond", "imagesPerSecond", "bytesPerSecond", "copyShare"],
  ],
  epoch: ["imagesPerSecond"],
  trial: ["imagesPerSecond"],
};

/** A record without times. */
export function withoutTimes(record: NormbenchRecord): string {
  const timed = record.kind === "figure" && record.figure === TIMES_FASTER
    ? ["measured", "digits", "verdict"]
    : TIMED[record.kind] ?? [];
  return JSON.stringify(record, (name, value) => {
    if (timed.includes(name)) return undefined;
    // The plain operation is the one that is fastest.
    return value?.role === "copy" ? { ...value, name: "the fastest" } : value;
  });
}

export function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}
