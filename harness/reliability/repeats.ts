/** The same seed again: the same records, on every backend and with any number of threads. */
import { join } from "node:path";
import { formatNumber } from "../../reports/format.ts";
import { inspectBackends } from "../backend/active_backend.ts";
import type { ParityRecord } from "../parity/record.ts";
import { exists } from "../run/machine.ts";
import { readRecords } from "../run/run_folder.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { KINDS, type NormbenchRecord } from "../tasks.ts";
import { endAfter, RUNS, startProgram, withoutTimes } from "./kills.ts";
import type { Outcome, Trial } from "./trial.ts";

const THREADS = ["1", "2", "8"] as const;

/** How far an error may change with the number of threads, in budgets. */
const LARGEST_CHANGE = 0.1;

/** TensorFlow's own batch norm, whose threads share sums. */
const FUSED = "FusedBatchNormV3";

const PARITY = ["--permission-set=parity", "harness/parity/main.ts"];
const SMALL_PARITY = [...PARITY, "--norm", "batch,layer,weight", "--case", "/dense"];
/** Sums short and long, and images of a network. */
const SUMS = "/dense,/conv,/tall,/rank-3,/channels-first,/many-rows,/real-convolution";
const SMALL_TRAIN = [
  ...["--allow-all", "harness/train/small_images.fixture.ts", "--suite", "learning-rate"],
  ...["--norm", "batch", "--trials", "1", "--epochs", "1", "--batch-size", "500"],
];

export const REPEATS: readonly Trial[] = [
  {
    name: "same-seed",
    about: "parity, train and replay twice with the same seed on every backend: the same " +
      "records, byte for byte except for times",
    quick: 0,
    full: 1,
    run: runTwice,
  },
  {
    name: "threads",
    about: `parity of some cases of every norm on tensorflow with ${THREADS.join(", ")} threads: ` +
      "every implementation of Normbench has the same verdicts and errors, except that gradients " +
      "of convolution kernels, whose sums TensorFlow's threads share, change by less than a tenth " +
      `of their budget; TensorFlow's own ${FUSED}, which parity compares with, promises neither`,
    quick: 0,
    full: 1,
    run: changeThreads,
  },
];

async function runTwice(times: number, seed: number): Promise<Outcome> {
  const backends = (await inspectBackends()).filter(({ works }) => works).map(({ name }) => name);
  const everywhere = ["--backend", backends.join()];
  const lost: string[] = [];
  let compared = 0;
  for (let i = 0; i < times; i++) {
    const seeded = ["--seed", String(seed + i)];
    const runs = [
      [...SMALL_PARITY, ...everywhere, ...seeded],
      ...backends.map((backend) => [...SMALL_TRAIN, "--backend", backend, ...seeded]),
      // Its seed is the notebook's.
      ...(i === 0 ? [[...RUNS["replay"]!, ...everywhere]] : []),
    ];
    for (const run of runs) {
      const [first, second] = await Promise.all([recordsOf(run), recordsOf(run)]);
      const complain = (what: string) => lost.push(`${run.slice(1).join(" ")}: ${what}`);
      if (first.length !== second.length) complain(`${first.length} and ${second.length} records`);
      for (const [index, record] of first.entries()) {
        const [a, b] = [record, second[index] ?? record].map(withoutTimes);
        if (a !== b) complain(`${a} and ${b}`);
      }
      compared += first.length;
    }
  }
  return { lost, found: `${compared} records on ${backends.length} backends` };
}

async function changeThreads(times: number, seed: number): Promise<Outcome> {
  const lost: string[] = [];
  const norms = new Set<string>();
  let [compared, changed] = [0, 0];
  let [ours, theirs] = [NO_CHANGE, NO_CHANGE];
  for (let i = 0; i < times; i++) {
    const args = ["--case", SUMS, "--backend", "tensorflow", "--seed", String(seed + i)];
    const [first, ...others] = await Promise.all(THREADS.map(async (threads) => {
      const env = { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads };
      const records = await recordsOf([...PARITY, ...args], env);
      return records.filter((record) => record.kind === "parity");
    }));
    for (const [index, record] of first!.entries()) {
      const same = [record, ...others.map((records) => records[index]!)];
      const change = largestChange(same);
      if (record.role !== "custom") {
        theirs = larger(theirs, change);
        continue;
      }
      compared++;
      norms.add(record.norm);
      ours = larger(ours, change);
      if (new Set(same.map(withoutFused)).size > 1) changed++;
      const verdicts = new Set(
        same.map(({ quantities }) => quantities.map((q) => q.verdict).join()),
      );
      if (verdicts.size > 1) lost.push(`${change.name}: ${[...verdicts].join("; ")}`);
      if (spread(change.errors) >= LARGEST_CHANGE) lost.push(textOf(change));
    }
  }
  const found = [
    `${compared} records of ${norms.size} norms, of which ${changed} change`,
    ...[ours, theirs].filter(({ errors }) => spread(errors) > 0).map(textOf),
  ];
  return { lost, found: found.join("; ") };
}

/** The errors of one quantity with each number of threads, in budgets. */
interface Change {
  readonly name: string;
  readonly errors: readonly number[];
}

const NO_CHANGE: Change = { name: "", errors: [0] };

/** The quantity whose error changes most. */
function largestChange(records: readonly ParityRecord[]): Change {
  const { contender, case: { id }, quantities } = records[0]!;
  const changes = quantities.map(({ name }, index): Change => ({
    name: `${name} of ${contender} in ${id}`,
    errors: records.flatMap(({ quantities }) => {
      const { answer } = quantities[index]!;
      return "error" in answer ? [] : [answer.ratio];
    }),
  }));
  return changes.reduce(larger, NO_CHANGE);
}

function larger(a: Change, b: Change): Change {
  return spread(b.errors) > spread(a.errors) ? b : a;
}

function textOf({ name, errors }: Change): string {
  return `${name}: ${errors.map((error) => formatNumber(error)).join(", ")} budgets`;
}

/** A record without the reference whose answers depend on threads. */
function withoutFused(record: ParityRecord): string {
  return JSON.stringify(record, (name, value) => name === FUSED ? undefined : value);
}

function spread(errors: readonly number[]): number {
  const finite = errors.filter(Number.isFinite);
  if (finite.length === 0) return 0;
  return finite.length < errors.length ? Infinity : Math.max(...finite) - Math.min(...finite);
}

/** The records of a run, whether it finds something wrong or not. */
async function recordsOf(
  program: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<NormbenchRecord[]> {
  const records: NormbenchRecord[] = [];
  await inTemporaryFolder(async (folder) => {
    const out = join(folder, "run");
    const { code, errors } = await endAfter(startProgram([...program, "--out", out], { env }));
    if (!exists(join(out, "report.html"))) {
      throw new Error(`${program.join(" ")} ended with status ${code}: ${errors}`);
    }
    records.push(...readRecords(out, KINDS));
  });
  return records;
}
