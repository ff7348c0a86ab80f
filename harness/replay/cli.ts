/**
 * The replay task: runs the experiments, writes records and report, prints the table.
 *
 * @module
 */
import { loadCifar10 } from "../data/cifar10.ts";
import type { DatasetSource } from "../data/dataset_source.ts";
import { tellEvents } from "../data/dataset_source.ts";
import { nameOf } from "../run/identity.ts";
import type { MissingRecord, NormbenchRecord, ResultRecord } from "../run/record.ts";
import { openRun, type RunFolder } from "../run/run_folder.ts";
import { eventLoopTurn } from "../run/event_loop.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { showProgress } from "../run/progress.ts";
import { stoppable } from "../run/stoppable.ts";
import { assertHealthy, selectBackends } from "../backend/active_backend.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { runHeader } from "../run/header.ts";
import { announceMissing, missingRecord } from "../run/missing.ts";
import { presentRun } from "../run/present.ts";
import { type NotebookData, prepareData } from "./notebook_data.ts";
import { HELP, parseOptions, type ReplayTaskOptions } from "./options.ts";
import { type Job, planJobs } from "./run.ts";

/** Finds the notebook's data; tests put their own in place. */
export type LoadData = (source: DatasetSource) => Promise<NotebookData>;

/** CIFAR-10, in the notebook's order and less its mean image. */
async function loadNotebookData(source: DatasetSource): Promise<NotebookData> {
  const { train } = await loadCifar10({ ...source, layout: "nchw", test: 0 });
  return prepareData(train);
}

/** Runs the task on its arguments. */
export async function runReplay(
  args: string[],
  load: LoadData = loadNotebookData,
): Promise<ExitStatus> {
  const options = parseOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return ExitStatus.ok;
  }
  const backends = await selectBackends(options.backend);
  const { data, missing } = await findData(options, load);
  const run = openRun(await runHeader("replay", backends, recordedOptions(options)), options);
  if (missing !== undefined) announceMissing(missing, run);
  const jobs = planJobs({ ...options, backends, data });
  await stoppable(run.path, `--out ${run.path} --resume`, () => runAll(jobs, run));
  return await conclude(run, options);
}

/** Everything that the figures follow from: what `--resume` compares. */
function recordedOptions({ experiments, seeds, epochs }: ReplayTaskOptions) {
  return { experiments, seeds, ...(epochs === undefined ? {} : { epochs }) };
}

/** The data, or the record that says why there are none; neither where no experiment needs them. */
async function findData(
  { experiments, dataDir }: ReplayTaskOptions,
  load: LoadData,
): Promise<{ data: NotebookData | undefined; missing?: MissingRecord }> {
  const needed = EXPERIMENTS.some(({ name, kind }) =>
    experiments.includes(name) && (kind === "training" || kind === "questions")
  );
  if (!needed) return { data: undefined };
  try {
    const data = await load({
      onEvent: tellEvents(),
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    return { data };
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    const { message, remedy } = error;
    return { data: undefined, missing: missingRecord("data", "cifar-10", message, remedy) };
  }
}

/** Runs every job, and records what is not recorded yet. */
async function runAll(jobs: readonly Job[], run: RunFolder): Promise<void> {
  const results = run.records.filter(isResult);
  const known = new Set(results.map(nameOf));
  const progress = showProgress("replay", jobs.length);
  try {
    for (const [i, job] of jobs.entries()) {
      for (const record of await job.run(results)) {
        if (known.has(nameOf(record))) continue;
        run.append(record);
        results.push(record);
      }
      await assertHealthy();
      await eventLoopTurn();
      progress.step(jobs[i + 1]?.title ?? "report");
    }
  } finally {
    progress.stop();
  }
}

function isResult(record: NormbenchRecord): record is ResultRecord {
  return record.kind !== "header" && record.kind !== "missing";
}

/** Writes the report, prints what was found and decides the exit status. */
async function conclude(run: RunFolder, { json }: ReplayTaskOptions): Promise<ExitStatus> {
  await presentRun(run, json);
  const differs = run.records.some((record) =>
    record.kind === "figure" && record.verdict === "differs"
  );
  if (differs) return ExitStatus.failed;
  return run.records.some(({ kind }) => kind === "missing") ? ExitStatus.missing : ExitStatus.ok;
}
