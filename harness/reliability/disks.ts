/** Disks: files that may not grow, folders whose names need care, and no HOME. */
import { join } from "node:path";
import { uniformStream } from "../../norms/basics/random.ts";
import { RECORDS_FILE, resumeOptions } from "../run/run_folder.ts";
import { ExitStatus } from "../run/task.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { endAfter, equal, recordsOf, RUNS, startProgram } from "./kills.ts";
import type { Outcome, Trial } from "./trial.ts";

/** A name that shells, URLs and file systems treat with care. */
const ODD = `it's a "folder" of $HOME; é ☃ %20 #1`;

/** In which `ulimit -f` counts. */
const BLOCK = 512;

export const DISKS: readonly Trial[] = [{
  name: "disk",
  about: "parity, bench, train and replay with a file that reaches its limit at a random size " +
    "(`ulimit -f`), without HOME, in a folder whose name has spaces, quotes and other letters: " +
    "status 3 and the options that resume; resumed, it has the records of an undisturbed run",
  quick: 0,
  full: 8,
  run: disk,
}];

async function disk(times: number, seed: number): Promise<Outcome> {
  const uniform = uniformStream(`disk/${seed}`);
  const lost: string[] = [];
  const env = await withoutHome();
  const start = (task: string, out: string, starter: readonly string[] = []) =>
    endAfter(startProgram([...RUNS[task]!, "--out", out, "--resume"], {
      ...{ clearEnv: true, env, starter },
    }));
  await inTemporaryFolder(async (folder) => {
    const tasks = Object.keys(RUNS).slice(0, times);
    const pathOf = (name: string) => join(folder, name, ODD);
    for (const task of tasks) {
      const { code, errors } = await start(task, pathOf(task));
      if (code !== 0) lost.push(`${task} without a limit has status ${code}: ${errors}`);
    }
    for (let i = 0; i < times; i++) {
      const task = tasks[i % tasks.length]!;
      const complain = (what: string) => lost.push(`${task}, limit ${limit}: ${what}`);
      const { size } = Deno.statSync(join(pathOf(task), RECORDS_FILE));
      const limit = Math.floor(uniform() * size / BLOCK);
      const out = pathOf(`${task}-${i}`);
      const limited = `trap '' XFSZ; ulimit -f ${limit}; exec "$@"`;
      const { code, errors } = await start(task, out, ["sh", "-c", limited, "sh"]);
      if (code !== ExitStatus.missing) complain(`status ${code}: ${errors}`);
      if (!errors.includes(resumeOptions(out))) complain(`no way to go on: ${errors}`);
      const resumed = await start(task, out);
      if (resumed.code !== 0) complain(`status ${resumed.code} when resumed: ${resumed.errors}`);
      if (!equal(recordsOf(out), recordsOf(pathOf(task)))) complain("other records");
    }
  });
  return { lost };
}

/** The environment without HOME, below which Deno would look for its modules. */
async function withoutHome(): Promise<Record<string, string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const { HOME: _, XDG_CACHE_HOME: __, ...env } = Deno.env.toObject();
  return { ...env, DENO_DIR: denoDir };
}
