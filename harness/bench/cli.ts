/**
 * The bench task: runs the jobs, writes records and report, keeps and compares baselines.
 *
 * @module
 */
import type { BandwidthRecord, BenchRecord, ChangeRecord } from "./record.ts";
import type { HeaderRecord } from "../run/record.ts";
import { openRun, type RunFolder } from "../run/run_folder.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { type Progress, showProgress } from "../run/progress.ts";
import { stoppable } from "../run/stoppable.ts";
import { selectBackends } from "../backend/active_backend.ts";
import type { BackendStatus } from "../backend/registry.ts";
import { runHeader } from "../run/header.ts";
import { presentRun } from "../run/present.ts";
import {
  agreement,
  type Baseline,
  checkComparable,
  checkOverlap,
  keyOf,
  loadBaseline,
  saveBaseline,
} from "./baseline.ts";
import { compare, isSlower } from "./compare.ts";
import type { Job } from "./job.ts";
import { chooseJobs } from "./jobs.ts";
import type { Effort } from "./measure.ts";
import { type BenchTaskOptions, HELP, parseOptions } from "./options.ts";
import { type Peer, startPeer } from "./peer.ts";
import { printGroups, titleOf } from "./print.ts";
import { runJobs } from "./run.ts";
import { type BenchPreset, formatShape } from "./shapes.ts";

/** How long a group is measured. */
const EFFORTS: Readonly<Record<BenchPreset, Effort>> = {
  quick: { leastRounds: 7, seconds: 0.6 },
  full: { leastRounds: 15, seconds: 4 },
};

/** What tests put in place of the real thing. */
export interface Setting {
  /** Measures the jobs of a backend. */
  readonly measure: typeof runJobs;
  /** Where baselines are kept; the folder of the results unless given. */
  readonly baselines?: string;
}

/** Everything a run is made of. */
interface Session {
  readonly options: BenchTaskOptions;
  readonly setting: Setting;
  readonly statuses: readonly BackendStatus[];
  readonly peers: readonly Peer[];
  readonly run: RunFolder;
}

/** Runs the task on its arguments. */
export async function runBench(
  args: string[],
  setting: Setting = { measure: runJobs },
): Promise<ExitStatus> {
  const options = parseOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return ExitStatus.ok;
  }
  const { compare, force } = options;
  const baseline = compare === undefined ? undefined : loadBaseline(compare, setting.baselines);
  const statuses = await selectBackends(options.backend);
  const jobs = statuses.flatMap(({ name }) => chooseJobs(options, name));
  const peers: Peer[] = [];
  try {
    for (const name of options.peers) peers.push(await startPeer(name, options.python));
    const header = await benchHeader(options, statuses, peers);
    if (baseline !== undefined) {
      if (!force) checkComparable(baseline, header);
      checkOverlap(baseline, jobs);
    }
    const run = openRun(header, options);
    return await runSession({ options, setting, statuses, peers, run }, jobs, baseline);
  } finally {
    for (const peer of peers) await peer.close();
  }
}

/** Describes this machine, what takes part, and all that the figures follow from. */
async function benchHeader(
  { norms, shapes, preset, seed }: BenchTaskOptions,
  statuses: readonly BackendStatus[],
  peers: readonly Peer[],
): Promise<HeaderRecord> {
  const header = await runHeader("bench", statuses, {
    norms,
    preset,
    seed,
    shapes: shapes.map(formatShape),
    peers: peers.map(({ name }) => name),
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
  await stoppable(run.path, `--out ${run.path} --resume`, async () => {
    await runPass(session, jobs, 1);
    if (options.saveBaseline !== undefined) await runPass(session, jobs, 2);
    if (baseline !== undefined) slower = await compareRun(session, jobs, baseline);
  });
  await conclude(session);
  const accepted = options.saveBaseline === undefined ||
    keepBaseline(options.saveBaseline, session);
  return slower.length > 0 || !accepted ? ExitStatus.failed : ExitStatus.ok;
}

/** Runs what this pass has not recorded yet. */
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
        bandwidth: bandwidthOf(run, status),
        onRecord: (record) => tell(record, run, progress),
      });
    }
  } finally {
    progress.stop();
  }
}

function tell(
  record: BandwidthRecord | BenchRecord,
  run: RunFolder,
  progress: Progress,
): void {
  run.append(record);
  if (record.kind === "bench") progress.step(titleOf(record));
}

/** Compares the run with a baseline; what is slower. */
async function compareRun(
  session: Session,
  jobs: readonly Job[],
  baseline: Baseline,
): Promise<ChangeRecord[]> {
  const { run } = session;
  const changes = await compare({
    jobs,
    baseline,
    first: benchesOf(run, 1),
    again: async (doubtful) => {
      await runPass(session, doubtful, 2);
      return benchesOf(run, 2);
    },
  });
  // A run that is resumed after its end has them already.
  if (!run.records.some(({ kind }) => kind === "change")) {
    changes.forEach((change) => run.append(change));
  }
  return changes.filter(isSlower);
}

/** Keeps the run under a name if both passes agree, and says so. */
function keepBaseline(name: string, { run, setting }: Session): boolean {
  const { accepted, agreeing, compared } = agreement(benchesOf(run, 1), benchesOf(run, 2));
  const share = `${agreeing} of ${compared} ratios agree in both passes`;
  if (accepted) {
    const path = saveBaseline(name, run.records, setting.baselines);
    console.error(`Baseline "${name}" saved in ${path}: ${share}.`);
  } else {
    console.error(
      `Baseline "${name}" not saved: only ${share}. Run again when the machine has less else to do.`,
    );
  }
  return accepted;
}

function benchesOf({ records }: RunFolder, pass: number): BenchRecord[] {
  return records.filter((record) => record.kind === "bench").filter((record) =>
    record.pass === pass
  );
}

function bandwidthOf({ records }: RunFolder, { name }: BackendStatus): BandwidthRecord | undefined {
  return records.filter((record) => record.kind === "bandwidth").find(({ backend }) =>
    backend === name
  );
}

/** Writes the report, and prints the run. */
async function conclude({ run, options }: Session): Promise<void> {
  if (!options.json) await printGroups(benchesOf(run, 1));
  await presentRun(run, options.json);
}
