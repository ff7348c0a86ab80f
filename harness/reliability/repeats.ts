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
      "every implementation of Normbench has the same verdicts and errors; TensorFlow's own " +
      `${FUSED}, which parity compares with, does not promise that`,
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
  let compared = 0;
  let largest = { name: "", errors: [0] };
  for (let i = 0; i < times; i++) {
    const args = [
      ...["--case", SUMS],
      ...["--backend", "tensorflow", "--seed", String(seed + i)],
    ];
    const [first, ...others] = await Promise.all(THREADS.map(async (threads) => {
      const env = { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads };
      const records = await recordsOf([...PARITY, ...args], env);
      return records.filter((record) => record.kind === "parity");
    }));
    for (const [index, record] of first!.entries()) {
      const same = [record, ...others.map((records) => records[index]!)];
      const name = `${record.contender} in ${record.case.id}`;
      const errors = same.map(({ ratio }) => ratio);
      if (record.role === "custom") {
        compared++;
        norms.add(record.norm);
        if (new Set(same.map(withoutFused)).size > 1) {
          const verdicts = same.map(({ verdict }) => verdict);
          lost.push(`${name}: ${verdicts.join(", ")}; ${budgets(errors)}`);
        }
      } else if (spread(errors) > spread(largest.errors)) largest = { name, errors };
    }
  }
  const other = largest.name === "" ? "" : `; ${largest.name}: ${budgets(largest.errors)}`;
  return { lost, found: `${compared} records of ${norms.size} norms${other}` };
}

/** A record without the reference whose answers depend on threads. */
function withoutFused(record: ParityRecord): string {
  return JSON.stringify(record, (name, value) => name === FUSED ? undefined : value);
}

function budgets(errors: readonly number[]): string {
  return `${errors.map((error) => formatNumber(error)).join(", ")} budgets`;
}

function spread(errors: readonly number[]): number {
  return Math.max(...errors) - Math.min(...errors);
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
