/**
 * The replay task: its options, and its run.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";
import { assertHealthy, selectBackends } from "../backend/active_backend.ts";
import { backendsOption, unneeded } from "../backend/option.ts";
import { loadCifar10 } from "../data/cifar10.ts";
import type { DatasetSource } from "../data/dataset_source.ts";
import { printEvents } from "../data/dataset_source.ts";
import { runHeader } from "../run/environment.ts";
import { type Given, oneOf, type Option, someOf, text, wholeNumber } from "../run/options.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { showProgress } from "../run/progress.ts";
import { type MissingRecord, missingRecord } from "../run/record.ts";
import { checkRunOptions, openRun, RUN_OPTIONS, type RunFolder } from "../run/run_folder.ts";
import { resultsOf } from "../run/runs.ts";
import { defineTask, ExitStatus, recording, type Task } from "../run/task.ts";
import { presentRun } from "../run/write_report.ts";
import { agreements } from "./agreement.ts";
import { EXPERIMENTS, type Job, planJobs } from "./experiments.ts";
import { type NotebookImages, prepareImages } from "./images.ts";
import { NOTEBOOK, NOTEBOOK_EXPERIMENTS, REPLAY_KINDS, type ReplayResult } from "./record.ts";
import { PRESETS } from "./studies.ts";
import { REPLAY_REPORT } from "./report/document.ts";

const OPTIONS = {
  backend: backendsOption("auto"),
  experiment: experiments("the experiments"),
  preset: oneOf(
    PRESETS,
    "what trains: quick, a minute, the notebook's seed and in N7 3 further ones, every sixth scale in N8, no layer norm " +
      "in N9, no network in N10; standard, half an hour, everything, with 9 further seeds and in N7 14; on cpu, software GPUs and " +
      "wasm only N7 trains, from the notebook's seed",
    "quick",
  ),
  seeds: wholeNumber("further seeds of every training, on any backend, in place of the preset's", {
    least: 0,
    most: 1000,
  }),
  epochs: wholeNumber(
    `epochs of each training run; ${NOTEBOOK.epochs} if left out, 3 on cpu and software GPUs`,
    { least: 1, most: NOTEBOOK.epochs },
  ),
  dataDir: text(
    "DIR",
    "folder of CIFAR-10; if left out: NORMBENCH_DATA, the cache, then a download",
  ),
  ...RUN_OPTIONS,
} as const;

type ReplayOptions = Given<typeof OPTIONS>;

/** Names of experiments, in upper or lower case. */
function experiments(about: string): Option<string[]> {
  const named = someOf(Object.keys(NOTEBOOK_EXPERIMENTS), about);
  const upper = (value: string) => value.toUpperCase();
  return { ...named, read: (values, name) => named.read(values.map(upper), name) };
}

/** Loads the notebook's images; tests pass their own. */
export type LoadImages = (source: DatasetSource) => Promise<NotebookImages>;

/** CIFAR-10, in the notebook's order and minus its mean image. */
async function loadNotebookImages(source: DatasetSource): Promise<NotebookImages> {
  const { train } = await loadCifar10({ ...source, layout: "nchw", test: 0 });
  return prepareImages(train);
}

/** `deno task replay`. */
export const REPLAY_TASK = replayTask(loadNotebookImages);

/** The replay task with images from `load`. */
export function replayTask(load: LoadImages): Task<typeof OPTIONS> {
  const titles = Object.entries(NOTEBOOK_EXPERIMENTS)
    .map(([name, title]) => `  ${name.padEnd(4)} ${title}`);
  return defineTask({
    name: "replay",
    about: "Replay a Python notebook on batch normalization from its seed, and compare the " +
      "values that it printed with the results here, in float64 and on the backends.",
    options: OPTIONS,
    check: checkRunOptions,
    unneeded,
    notes: `Experiments:\n${titles.join("\n")}\n\n` +
      "Exit status: 0 if every value has the printed digits or lies where rounding may move it, and training " +
      "agrees with NumPy's over seeds; 1 if one differs, 2 for bad usage, 3 if something is missing.",
    run: (options) => runReplay(options, load),
  });
}

async function runReplay(options: ReplayOptions, load: LoadImages): Promise<ExitStatus> {
  const { experiment: experiments, preset, seeds, epochs } = options;
  const backends = await selectBackends(options.backend);
  const { images, missing } = await findImages(options, load);
  const header = await runHeader("replay", backends, {
    experiments,
    preset,
    ...(seeds === undefined ? {} : { seeds }),
    ...(epochs === undefined ? {} : { epochs }),
  });
  const absent = missing === undefined ? [] : [missing];
  const jobs = planJobs({ experiments, preset, seeds, epochs, backends, images });
  const open = () => openRun(header, REPLAY_KINDS, options, absent);
  const run = await recording(open, async (run) => {
    await runAll(jobs, run);
    await presentRun(run, REPLAY_REPORT, options.json);
    return run;
  });
  const differs = resultsOf(run, "figure").some(({ verdict }) => verdict === "differs");
  const trainings = Map.groupBy(
    resultsOf(run, "notebook-run"),
    ({ backend, network }) => `${backend} ${network}`,
  );
  const disagrees = [...trainings.values()].flatMap(agreements).some(({ differs }) => differs);
  if (differs || disagrees) return ExitStatus.failed;
  return run.missing.length > 0 ? ExitStatus.missing : ExitStatus.ok;
}

/** The images, or the record that says why there are none; neither where no experiment needs them. */
async function findImages(
  { experiment: experiments, dataDir }: ReplayOptions,
  load: LoadImages,
): Promise<{ images?: NotebookImages; missing?: MissingRecord }> {
  const needed = EXPERIMENTS.some(({ name, kind }) =>
    experiments.includes(name) && (kind === "training" || kind === "study")
  );
  if (!needed) return {};
  try {
    const source = { onEvent: printEvents(), ...(dataDir === undefined ? {} : { dataDir }) };
    return { images: await load(source) };
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    const reasons = { reason: error.message, remedy: error.remedy };
    return { missing: missingRecord("data", "cifar-10", reasons) };
  }
}

/** Runs every job, and appends what is not recorded yet. */
async function runAll(jobs: readonly Job[], run: RunFolder<ReplayResult>): Promise<void> {
  const progress = showProgress("replay", jobs.length);
  try {
    for (const [i, job] of jobs.entries()) {
      for await (const record of job.run(run.results)) {
        if (!run.has(record)) run.append(record);
      }
      await assertHealthy();
      await breathe();
      progress.step(jobs[i + 1]?.title ?? "report");
    }
  } finally {
    progress.stop();
  }
}
