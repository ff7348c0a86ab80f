/** Ctrl-C and SIGTERM: a run ends soon, with whole records, and says how to go on. */
import { join } from "node:path";
import { uniformStream } from "../../norms/basics/random.ts";
import { inspectBackends } from "../backend/active_backend.ts";
import { exists } from "../run/machine.ts";
import { readRecords, RECORDS_FILE } from "../run/run_folder.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { KINDS } from "../tasks.ts";
import { STATUS_AFTER, type StopSignal } from "../run/task.ts";
import { RUNS, startProgram } from "./kills.ts";
import type { Outcome, Trial } from "./trial.ts";

/** Milliseconds that a run may take to end after a signal, on a machine that has nothing else to do. */
const PATIENCE = 2000;

/** Runs in a row that may end before their signal, until the machine is too fast for this. */
const ATTEMPTS = 10;

export const STOPS: readonly Trial[] = [{
  name: "stop",
  about: "Ctrl-C and SIGTERM at random moments of parity, bench, train and replay on every " +
    "backend: the run ends within 2 s (times the load of the machine) with status 130 or 143, its " +
    "records are whole, and it names the options that resume it",
  quick: 0,
  full: 30,
  run: stop,
}];

/** A run that a signal ended. */
interface Stopped {
  readonly code: number;
  readonly errors: string;
  readonly milliseconds: number;
}

async function stop(times: number, seed: number): Promise<Outcome> {
  const uniform = uniformStream(`stop/${seed}`);
  const backends = (await inspectBackends()).filter(({ works }) => works).map(({ name }) => name);
  const tasks = Object.keys(RUNS);
  const lost: string[] = [];
  let [slowest, slowestAt] = [0, 1];
  await inTemporaryFolder(async (folder) => {
    for (let i = 0; i < times; i++) {
      const round = Math.floor(i / tasks.length);
      const task = tasks[i % tasks.length]!;
      const backend = backends[round % backends.length]!;
      // Every task has both signals, in turns with the backends.
      const signal: StopSignal = (i + round) % 2 === 0 ? "SIGINT" : "SIGTERM";
      const program = [...RUNS[task]!, "--backend", backend];
      const complain = (what: string) => lost.push(`${signal}, ${task} on ${backend}: ${what}`);
      let out = "";
      let stopped: Stopped | undefined;
      for (let attempt = 0; attempt < ATTEMPTS && stopped === undefined; attempt++) {
        out = join(folder, `${i}-${attempt}`);
        stopped = await stopRun(program, out, signal, 1000 * uniform());
      }
      if (stopped === undefined) {
        complain(`${ATTEMPTS} runs had ended before it`);
        continue;
      }
      const { code, errors, milliseconds } = stopped;
      const load = Math.max(1, Deno.loadavg()[0]! / navigator.hardwareConcurrency);
      if (milliseconds > slowest) [slowest, slowestAt] = [milliseconds, load];
      if (milliseconds > PATIENCE * load) {
        complain(`it took ${seconds(milliseconds)} at a load of ${load}`);
      }
      if (code !== STATUS_AFTER[signal]) complain(`status ${code}: ${errors}`);
      if (!errors.includes(`add --out ${out} --resume`)) complain(`no way to go on: ${errors}`);
      if (exists(join(out, `${RECORDS_FILE}.owner`))) complain("its lock is left");
      try {
        readRecords(out, KINDS);
      } catch (error) {
        complain(String(error));
      }
    }
  });
  const shared = slowestAt > 1 ? `, with ${slowestAt.toFixed(1)} processes a core` : "";
  return {
    lost,
    found: `${backends.length} backends; the slowest took ${seconds(slowest)}${shared}`,
  };
}

/** Sends a signal to a run some time after its first result; undefined if it was done before. */
async function stopRun(
  program: readonly string[],
  out: string,
  signal: StopSignal,
  delay: number,
): Promise<Stopped | undefined> {
  const child = startProgram([...program, "--out", out]);
  const ended = child.output();
  let over = false;
  ended.then(() => over = true);
  while (!over && !isStarted(out)) await sleep(20);
  await sleep(delay);
  if (over) return undefined;
  const start = performance.now();
  child.kill(signal);
  const { code, stderr } = await ended;
  const milliseconds = performance.now() - start;
  if (code === 0 || exists(join(out, "report.html"))) return undefined;
  return { code, errors: new TextDecoder().decode(stderr), milliseconds };
}

/** Whether a first result is recorded. */
function isStarted(out: string): boolean {
  try {
    return Deno.readTextFileSync(join(out, RECORDS_FILE)).split("\n").length > 2;
  } catch {
    return false;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
