/** Ctrl-C and SIGTERM: a run ends soon, with whole records, and says how to go on. */
import { join } from "node:path";
import { uniformStream } from "../../norms/basics/random.ts";
import { inspectBackends } from "../backend/active_backend.ts";
import { exists } from "../run/machine.ts";
import { readRecords, RECORDS_FILE } from "../run/run_folder.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { KINDS } from "../tasks.ts";
import { RUNS, startProgram } from "./kills.ts";
import type { Outcome, Trial } from "./trial.ts";

/** Milliseconds that a run may take to end after a signal, on a machine that has nothing else to do. */
const PATIENCE = 2000;

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof SIGNALS;

export const STOPS: readonly Trial[] = [{
  name: "stop",
  about: "Ctrl-C and SIGTERM at random moments of parity, bench, train and replay on every " +
    "backend: the run ends within 2 s (times the load of the machine) with status 130 or 143, its " +
    "records are whole, and it names the options that resume it",
  quick: 0,
  full: 30,
  run: stop,
}];

async function stop(times: number, seed: number): Promise<Outcome> {
  const uniform = uniformStream(`stop/${seed}`);
  const backends = (await inspectBackends()).filter(({ works }) => works).map(({ name }) => name);
  const lost: string[] = [];
  let [slowest, slowestAt] = [0, 1];
  await inTemporaryFolder(async (folder) => {
    for (let i = 0; i < times; i++) {
      const task = Object.keys(RUNS)[i % 4]!;
      const backend = backends[Math.floor(i / 4) % backends.length]!;
      // Every task has both signals, in turns with the backends.
      const signal: Signal = (i + Math.floor(i / 4)) % 2 === 0 ? "SIGINT" : "SIGTERM";
      const out = join(folder, String(i));
      const program = [...RUNS[task]!, "--backend", backend, "--out", out];
      const complain = (what: string) => lost.push(`${signal}, ${task} on ${backend}: ${what}`);
      const child = startProgram(program);
      const ended = child.output();
      let over = false;
      ended.then(() => over = true);
      while (!over && !isStarted(out)) await sleep(20);
      await sleep(1000 * uniform());
      if (over) continue;
      const start = performance.now();
      child.kill(signal);
      const { code, stderr } = await ended;
      const took = performance.now() - start;
      if (code === 0 || exists(join(out, "report.html"))) continue; // It was done.
      const errors = new TextDecoder().decode(stderr);
      const load = Math.max(1, Deno.loadavg()[0]! / navigator.hardwareConcurrency);
      if (took > slowest) [slowest, slowestAt] = [took, load];
      if (took > PATIENCE * load) complain(`it took ${seconds(took)} at a load of ${load}`);
      if (code !== SIGNALS[signal]) complain(`status ${code}: ${errors}`);
      if (!errors.includes(`add --out ${out} --resume`)) complain(`no way to go on: ${errors}`);
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
