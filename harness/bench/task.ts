/**
 * The bench task: its options, its run, and how it keeps baselines and compares with them.
 *
 * @module
 */
import { join } from "node:path";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { NORMS } from "../../norms/registry.ts";
import type { Shape } from "../../norms/basics/shape.ts";
import { selectBackends } from "../backend/active_backend.ts";
import type { BackendStatus } from "../backend/registry.ts";
import { backendsOption, unneeded } from "../backend/option.ts";
import { runHeader } from "../run/environment.ts";
import {
  flag,
  type Given,
  oneOf,
  type Option,
  parsed,
  someOf,
  text,
  wholeNumber,
} from "../run/options.ts";
import { showProgress } from "../run/progress.ts";
import { type HeaderRecord, type MissingRecord, missingRecord } from "../run/record.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { presentRun } from "../run/write_report.ts";
import { checkRunOptions, openRun, RUN_OPTIONS, type RunFolder } from "../run/run_folder.ts";
import { resultsOf } from "../run/runs.ts";
import { defineTask, ExitStatus, recording, type Task } from "../run/task.ts";
import {
  agreement,
  type Baseline,
  checkBaselineName,
  checkComparable,
  checkOverlap,
  keyOf,
  loadBaseline,
  saveBaseline,
} from "./baseline.ts";
import { compare, isSlower } from "./changes.ts";
import {
  chooseJobs,
  formatShape,
  isStep,
  type Job,
  NETWORKS,
  NO_NORM,
  parseShape,
  type StepJob,
} from "./jobs.ts";
import type { Effort } from "./measure.ts";
import { printGroups } from "./mitata.ts";
import { type Peer, peerOption, startPeer } from "./peer.ts";
import {
  type BandwidthRecord,
  BENCH_KINDS,
  type BenchRecord,
  type ChangeRecord,
  hasTiming,
  titleOf,
  traceName,
  type TraceRecord,
  traceTitle,
} from "./record.ts";
import { BENCH_REPORT } from "./report/document.ts";
import { runJobs } from "./run.ts";
import { chromeTrace } from "./trace.ts";
import { traceSteps } from "./trace_steps.ts";

const EFFORTS: Readonly<Record<"quick" | "full", Effort>> = {
  quick: { leastRounds: 7, seconds: 0.6 },
  full: { leastRounds: 15, seconds: 4 },
};

const OPTIONS = {
  norm: someOf([...NORMS.map(({ name }): string => name), NO_NORM], "what to time"),
  backend: backendsOption("auto"),
  shape: shapes(
    "shapes to time in place of those of the preset, as in 64x256,32x28x28x16; without training steps",
  ),
  network: networks(
    "networks whose training steps are timed, in place of norms alone and of those of the preset",
  ),
  preset: oneOf(["quick", "full"], "how many shapes, and how long each is measured", "quick"),
  trace: flag(
    "show where the time of training steps goes, operation by operation, in place of timing anything",
  ),
  seed: wholeNumber("determines the inputs and the order of samples", { least: 0, fallback: 0 }),
  saveBaseline: parsed(
    "NAME",
    "measure twice, and keep the run under this name if both passes agree",
    checkBaselineName,
  ),
  compare: parsed(
    "NAME",
    "report what is slower than in that baseline; exit with status 1 if something is",
    checkBaselineName,
  ),
  force: flag("compare even if the baseline comes from another device, backend or version"),
  peers: peerOption("time other frameworks, too"),
  python: text("PATH", "the Python that has them", "python3"),
  ...RUN_OPTIONS,
} as const;

type BenchTaskOptions = Given<typeof OPTIONS>;

/** None unless the option is given. */
function networks(about: string): Option<string[]> {
  const some = someOf(Object.keys(NETWORKS), about);
  const { default: _, ...option } = some;
  return { ...option, read: (values, name) => values.length === 0 ? [] : some.read(values, name) };
}

function shapes(about: string): Option<Shape[]> {
  const read = (values: readonly string[]) =>
    values.flatMap((value) => value.split(",")).filter(Boolean).map(parseShape);
  return { takes: "SHAPES", about, read };
}

/** What tests replace. */
export interface Setting {
  readonly measure: typeof runJobs;
  /** Where baselines are kept; a folder of the results unless given. */
  readonly baselines?: string;
}

interface Session {
  readonly options: BenchTaskOptions;
  readonly setting: Setting;
  readonly statuses: readonly BackendStatus[];
  readonly peers: readonly Peer[];
  readonly run: RunFolder<BenchRecord | BandwidthRecord | ChangeRecord | TraceRecord>;
}

export const BENCH_TASK = benchTask({ measure: runJobs });

export function benchTask(setting: Setting): Task<typeof OPTIONS> {
  return defineTask({
    name: "bench",
    about: "Time every norm beside tf.layers: forward, backward and in a training step.",
    options: OPTIONS,
    check: checkBenchOptions,
    unneeded,
    notes: "Exit status: 0 if all is well, 1 if something is slower than the baseline, passes " +
      "disagree or no norm could be timed, 2 for bad usage, 3 if something is missing.",
    run: (options) => runBench(options, setting),
  });
}

/** A trace has its own kind of jobs, and no contenders. */
function checkBenchOptions(options: BenchTaskOptions): void {
  checkRunOptions(options);
  if (!options.trace) return;
  const excluded = {
    "--shape": options.shape.length > 0,
    "--peers": options.peers.length > 0,
    "--compare": options.compare !== undefined,
    "--save-baseline": options.saveBaseline !== undefined,
  };
  const [found] = Object.entries(excluded).filter(([, given]) => given);
  if (found !== undefined) {
    throw new UsageError(`--trace looks at our own training steps: leave out ${found[0]}.`);
  }
}

async function runBench(options: BenchTaskOptions, setting: Setting): Promise<ExitStatus> {
  const { compare, force } = options;
  const baseline = compare === undefined ? undefined : loadBaseline(compare, setting.baselines);
  const statuses = await selectBackends(options.backend);
  const jobs = statuses.flatMap(({ name }) => chooseJobs(options, name))
    .filter((job) => !options.trace || isStep(job));
  const { peers, missing } = await startPeers(options);
  try {
    const header = await benchHeader(options, statuses, peers);
    if (baseline !== undefined) {
      if (!force) checkComparable(baseline, header);
      checkOverlap(baseline, jobs);
    }
    const session = { options, setting, statuses, peers };
    return await recording(
      () => openRun(header, BENCH_KINDS, options, missing),
      (run) => runSession({ ...session, run }, jobs, baseline),
    );
  } finally {
    for (const peer of peers) await peer.close();
  }
}

/**
 * Starts the frameworks that were asked for.
 *
 * @throws {MissingError} if none of them is there.
 */
async function startPeers({ peers: names, python }: BenchTaskOptions) {
  const peers: Peer[] = [];
  const missing: MissingRecord[] = [];
  for (const name of names) {
    try {
      peers.push(await startPeer(name, python));
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      missing.push(
        missingRecord("framework", name, { reason: error.message, remedy: error.remedy }),
      );
      if (missing.length === names.length) throw error;
    }
  }
  return { peers, missing };
}

async function benchHeader(
  options: BenchTaskOptions,
  statuses: readonly BackendStatus[],
  peers: readonly Peer[],
): Promise<HeaderRecord> {
  const { norm, shape, network, preset, seed, trace } = options;
  const header = await runHeader("bench", statuses, {
    norms: norm,
    preset,
    seed,
    shapes: shape.map(formatShape),
    networks: network,
    ...(trace ? { trace } : {}),
    peers: options.peers,
  });
  const { environment } = header;
  const versions = Object.fromEntries(peers.map(({ name, version }) => [name, version]));
  return {
    ...header,
    environment: { ...environment, versions: { ...environment.versions, ...versions } },
  };
}

async function runSession(
  session: Session,
  jobs: readonly Job[],
  baseline: Baseline | undefined,
): Promise<ExitStatus> {
  const { options, run } = session;
  let slower: ChangeRecord[] = [];
  if (options.trace) await runTraces(session, jobs.filter(isStep));
  else {
    await runPass(session, jobs, 1);
    if (options.saveBaseline !== undefined) await runPass(session, jobs, 2);
    if (baseline !== undefined) slower = await compareRun(session, jobs, baseline);
  }
  if (!options.json && !options.trace) await printGroups(benchesOf(run, 1));
  await presentRun(run, BENCH_REPORT, options.json);
  const accepted = options.saveBaseline === undefined ||
    keepBaseline(options.saveBaseline, session);
  const timed = resultsOf(run, "bench").some(hasCustomTiming) ||
    resultsOf(run, "trace").length > 0;
  if (slower.length > 0 || !accepted || !timed) return ExitStatus.failed;
  return run.missing.length > 0 ? ExitStatus.missing : ExitStatus.ok;
}

/** Traces what is not recorded yet, and writes a Chrome trace for each job beside the records. */
async function runTraces({ options, run }: Session, jobs: readonly StepJob[]): Promise<void> {
  const done = new Set(resultsOf(run, "trace").map((each) => traceName(each)));
  const left = jobs.filter((job) => !done.has(traceName(job)));
  const progress = showProgress("trace", left.length);
  try {
    for (const job of left) {
      const traced = await traceSteps(job, options.seed, EFFORTS[options.preset]);
      const spans = new Map(traced.map(({ record, spans }) => [traceTitle(record), spans]));
      await Deno.writeTextFile(join(run.path, `${traceName(job)}.json`), chromeTrace(spans));
      traced.forEach(({ record }) => run.append(record));
      progress.step(traceName(job));
      await breathe();
    }
  } finally {
    progress.stop();
  }
}

async function runPass(
  { options, setting, statuses, peers, run }: Session,
  jobs: readonly Job[],
  pass: number,
): Promise<void> {
  const done = new Set(benchesOf(run, pass).map(keyOf));
  const left = jobs.filter((job) => !done.has(keyOf(job)));
  const progress = showProgress("bench", left.length);
  try {
    for (const status of statuses) {
      await setting.measure(status, {
        jobs: left.filter(({ backend }) => backend === status.name),
        effort: EFFORTS[options.preset],
        seed: options.seed,
        pass,
        peers,
        bandwidth: resultsOf(run, "bandwidth").find(({ backend }) => backend === status.name),
        onRecord: (record) => {
          run.append(record);
          if (record.kind === "bench") progress.step(titleOf(record));
        },
      });
    }
  } finally {
    progress.stop();
  }
}

/** Compares the run with a baseline; returns what is slower. */
async function compareRun(
  session: Session,
  jobs: readonly Job[],
  baseline: Baseline,
): Promise<ChangeRecord[]> {
  const { run } = session;
  const changes = await compare(jobs, baseline, benchesOf(run, 1), async (doubtful) => {
    await runPass(session, doubtful, 2);
    return benchesOf(run, 2);
  });
  // A finished run that is resumed has them already.
  if (resultsOf(run, "change").length === 0) {
    changes.forEach((change) => run.append(change));
  }
  return changes.filter(isSlower);
}

function keepBaseline(name: string, { run, setting }: Session): boolean {
  const { accepted, agreeing, compared } = agreement(benchesOf(run, 1), benchesOf(run, 2));
  const share = `${agreeing} of ${compared} ratios agree in both passes`;
  if (accepted) {
    const path = saveBaseline(name, run.records, setting.baselines);
    console.error(`Baseline "${name}" saved in ${path}: ${share}.`);
  } else {
    console.error(
      `Baseline "${name}" not saved: only ${share}. Run it again when the machine is idle.`,
    );
  }
  return accepted;
}

function hasCustomTiming({ contenders }: BenchRecord): boolean {
  return contenders.some((each) => each.role === "custom" && hasTiming(each));
}

function benchesOf(run: Session["run"], pass: number): BenchRecord[] {
  return resultsOf(run, "bench").filter((record) => record.pass === pass);
}
