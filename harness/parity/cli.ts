/**
 * The parity task: runs the trials, writes records and report, prints the table.
 *
 * @module
 */
import type { NormbenchRecord } from "../run/record.ts";
import { blamesCustom } from "./record.ts";
import { openRun, type RunFolder } from "../run/run_folder.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { showProgress } from "../run/progress.ts";
import { eventLoopTurn } from "../run/event_loop.ts";
import { stoppable } from "../run/stoppable.ts";
import { findBackends } from "../backend/active_backend.ts";
import type { BackendName } from "../backend/registry.ts";
import { runHeader } from "../run/header.ts";
import { announceMissing, missingRecord } from "../run/missing.ts";
import { presentRun } from "../run/present.ts";
import { findRealInputs } from "./missing.ts";
import { HELP, type ParityTaskOptions, parseOptions } from "./options.ts";
import { Recorded } from "./recorded.ts";
import { runTrial, type Trial } from "./run.ts";
import { chooseTrials, nothingToRun } from "./trials.ts";

/** Runs the task on its arguments. */
export async function runParity(args: string[]): Promise<ExitStatus> {
  const options = parseOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return ExitStatus.ok;
  }
  const { norms, cases, seed, preset } = options;
  const { chosen: statuses, absent } = await findBackends(options.backend);
  const { real, missing } = await findRealInputs(options);
  const backends = statuses.map(({ name }) => name);
  const trials = await chooseTrials(options, backends, real);
  if (trials.length === 0 && missing.length === 0) throw nothingToRun(options, backends);
  const run = openRun(await runHeader("parity", statuses, { norms, cases, seed, preset }), options);
  for (const record of missing) announceMissing(record, run);
  for (const { name, reason = "", remedy = "" } of absent) {
    announceMissing(missingRecord("backend", name, reason, remedy), run);
  }
  await stoppable(
    run.path,
    `--out ${run.path} --resume`,
    () => runAll(trials, backends, seed, run),
  );
  return await conclude(run, options);
}

/** Runs what is not recorded yet, and records it. */
async function runAll(
  trials: readonly Trial[],
  backends: readonly BackendName[],
  seed: number,
  run: RunFolder,
): Promise<void> {
  const recorded = new Recorded(run.records);
  const progress = showProgress("parity", trials.length);
  try {
    for (const trial of trials) {
      const { id } = trial.parityCase;
      const left = backends.filter((backend) => !recorded.isComplete(id, backend));
      for (const record of await runTrial(trial, left, seed)) {
        if (!recorded.has(record)) run.append(record);
      }
      progress.step(id);
      // Backends that compute in place never wait, and an interruption would go unheard.
      await eventLoopTurn();
    }
  } finally {
    progress.stop();
  }
}

/** Writes the report, prints what was found and decides the exit status. */
async function conclude(run: RunFolder, { json }: ParityTaskOptions): Promise<ExitStatus> {
  await presentRun(run, json);
  return statusOf(run.records);
}

/** 1 if a custom norm is to blame for anything, else 3 if data were missing, else 0. */
function statusOf(records: readonly NormbenchRecord[]): ExitStatus {
  const isWrong = (record: NormbenchRecord) =>
    record.kind === "parity" && blamesCustom(record.verdict);
  if (records.some(isWrong)) return ExitStatus.failed;
  return records.some((record) => record.kind === "missing" && record.what === "data")
    ? ExitStatus.missing
    : ExitStatus.ok;
}
