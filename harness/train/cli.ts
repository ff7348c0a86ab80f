/**
 * The training task: runs the trials, writes records and report, prints the summary.
 *
 * @module
 */
import { join } from "node:path";
import type { DatasetSource } from "../data/dataset_source.ts";
import { loadImageDataset } from "../data/image_dataset.ts";
import { tellEvents } from "../data/dataset_source.ts";
import { RECORDS_FILE } from "../run/records_file.ts";
import { openRun, type RunFolder } from "../run/run_folder.ts";
import { exists } from "../run/exists.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { stoppable } from "../run/stoppable.ts";
import { writingTo } from "./disk.ts";
import { runHeader } from "../run/header.ts";
import { missingRecord, recordMissing } from "../run/missing.ts";
import { presentRun } from "../run/present.ts";
import { type DatasetChoice, HELP, parseOptions, type TrainTaskOptions } from "./options.ts";
import { takeOneBackend } from "./one_backend.ts";
import { runTrials } from "./run_trials.ts";
import { formatShard, shardOf } from "./shard.ts";
import type { NamedImages } from "./train.ts";
import { planTrials } from "./trials.ts";

/** Where the shards of a run go whose folder the user did not name. */
const SHARDS = join("results", "train");

/** The images of a run. */
export interface LoadedImages extends NamedImages {
  /** Why these are not the images that `auto` prefers. */
  readonly notice?: string | undefined;
}

/** Finds images; tests put their own in place. */
export type LoadImages = (name: DatasetChoice, source: DatasetSource) => Promise<LoadedImages>;

/** Runs the task on its arguments. */
export async function runTrain(
  args: string[],
  load: LoadImages = loadImageDataset,
): Promise<ExitStatus> {
  const options = parseOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return ExitStatus.ok;
  }
  const status = await takeOneBackend(options.backend);
  const images = await load(options.dataset, {
    onEvent: tellEvents(),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  });
  const all = planTrials(options, images);
  const trials = options.shard === undefined ? all : shardOf(all, options.shard);
  const header = await runHeader("train", [status], recordedOptions(options, images.name));
  const run = openRun(header, folderOf(options));
  const goOn = `--out ${options.shard === undefined ? run.path : options.out ?? SHARDS} --resume`;
  return await writingTo(run.path, goOn, async () => {
    if (images.notice !== undefined) announce(images.notice, run);
    await stoppable(run.path, goOn, () => runTrials(trials, images, status.name, run));
    return await conclude(run, options);
  });
}

/** Everything that the figures follow from: what `--resume` compares. */
function recordedOptions(options: TrainTaskOptions, dataset: string) {
  const { suites, preset, norms, seed, trials, epochs, batchSize, shard } = options;
  return {
    ...{ suites: suites.map(({ name }) => name), preset, dataset, norms, seed },
    ...(trials === undefined ? {} : { trials }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(shard === undefined ? {} : { shard: formatShard(shard) }),
  };
}

/**
 * A shard has a folder of its own, so that all may be given the same command; and schedulers start an
 * evicted process by the command of the first time, so that `--resume` may find nothing yet.
 */
function folderOf({ out, resume, shard }: TrainTaskOptions) {
  if (shard === undefined) return { out, resume };
  const path = join(out ?? SHARDS, `shard-${shard.number}-of-${shard.count}`);
  return { out: path, resume: resume && exists(join(path, RECORDS_FILE)) };
}

/** Says that other images stand in, and records it, unless an interrupted run did already. */
function announce(notice: string, run: RunFolder): void {
  console.error(notice);
  const remedy = "name a folder that has it with --data-dir, or ask for --dataset synthetic";
  recordMissing(missingRecord("data", "fashion-mnist", notice, remedy), run);
}

/** Writes the report, prints what was found and decides the exit status. */
async function conclude(run: RunFolder, { json }: TrainTaskOptions): Promise<ExitStatus> {
  await presentRun(run, json);
  return run.records.some(({ kind }) => kind === "missing") ? ExitStatus.missing : ExitStatus.ok;
}
