/**
 * The parity task: runs the trials, writes records and report, prints the table.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { loadFashionMnist } from "../../fixtures/datasets/fashion_mnist.ts";
import { parityCases, realCaseIds, type RealInputs } from "../../fixtures/parity_cases.ts";
import { realInputs } from "../../fixtures/real_inputs.ts";
import { normByName } from "../../norms/registry.ts";
import { summaryTable, writeReport } from "../../reports/render/render.ts";
import {
  type BackendName,
  type BackendStatus,
  inspectBackends,
  selectBackends,
} from "../backend/backend.ts";
import { environment } from "../environment.ts";
import { ExitStatus, MissingError, UsageError } from "../exit_status.ts";
import { showProgress } from "../progress.ts";
import {
  describeBackend,
  type HeaderRecord,
  type MissingRecord,
  type NormbenchRecord,
  SCHEMA,
} from "../record.ts";
import { formatRecord } from "../record_file.ts";
import { openRun, type RunFolder } from "../run_folder.ts";
import { backendReferences } from "./backend_references.ts";
import { goldenTrials } from "./golden_trials.ts";
import { kernelTrials } from "./kernel_trials.ts";
import { HELP, type ParityTaskOptions, parseOptions } from "./options.ts";
import { Recorded } from "./recorded.ts";
import { implementationSubjects, runTrial, type Trial } from "./run.ts";
import { blamesCustom } from "./verdict.ts";

/** Images of the real batch. */
const REAL_IMAGES = 16;

/** Runs the task on its arguments. */
export async function runParity(args: string[]): Promise<ExitStatus> {
  const options = parseOptions(args);
  if (options === undefined) {
    console.log(HELP);
    return ExitStatus.ok;
  }
  const statuses = await selectBackends(options.backend);
  const { real, missing } = await findRealInputs(options);
  const backends = statuses.map(({ name }) => name);
  const trials = await chooseTrials(options, backends, real);
  if (trials.length === 0 && missing.length === 0) throw nothingToRun(options, backends);
  const run = openRun(await describeRun(options, statuses), options);
  const absent = [...missing, ...await absentBackends(options)];
  for (const record of absent) announce(record, run);
  await runAll(trials, backends, options.seed, run);
  return await conclude(run, options);
}

/** Whether the user wants a case of this id. */
function isWanted(id: string, { cases }: ParityTaskOptions): boolean {
  return cases.length === 0 || cases.some((text) => id.includes(text));
}

/** Fashion-MNIST activations, or the record that says why there are none. */
async function findRealInputs(
  options: ParityTaskOptions,
): Promise<{ real?: RealInputs; missing: MissingRecord[] }> {
  const ids = options.norms.flatMap(realCaseIds);
  if (!ids.some((id) => isWanted(id, options))) return { missing: [] };
  try {
    const images = await loadFashionMnist({
      split: "train",
      limit: REAL_IMAGES,
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    });
    return { real: realInputs(images, options.seed), missing: [] };
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    return { missing: [missingRecord("data", "fashion-mnist", error.message, error.remedy)] };
  }
}

function missingRecord(
  what: MissingRecord["what"],
  name: string,
  reason: string,
  remedy: string,
): MissingRecord {
  return { kind: "missing", schema: SCHEMA, what, name, reason, remedy };
}

/** The backends that a run on all of them has to do without. */
async function absentBackends({ backend }: ParityTaskOptions): Promise<MissingRecord[]> {
  if (backend !== "all") return [];
  const statuses = await inspectBackends();
  return statuses
    .filter(({ works }) => !works)
    .map(({ name, reason = "", remedy = "" }) => missingRecord("backend", name, reason, remedy));
}

/** Records what is missing and says so, unless an interrupted run did already. */
function announce(record: MissingRecord, run: RunFolder): void {
  console.error(`Missing ${record.what}: ${record.name}. ${record.reason}\n  ${record.remedy}`);
  const known = run.records.some((r) => r.kind === "missing" && r.name === record.name);
  if (!known) run.append(record);
}

/** The cases that the user wants, golden ones last within their norm, and kernels after all norms. */
async function chooseTrials(
  options: ParityTaskOptions,
  backends: readonly BackendName[],
  real: RealInputs | undefined,
): Promise<Trial[]> {
  const golden = await goldenTrials();
  const trials = options.norms.filter((name) => name !== KERNELS).flatMap((name): Trial[] => {
    const norm = normByName(name);
    const common = {
      norm,
      subjects: implementationSubjects(norm),
      references: norm.references,
      backendReferences: backendReferences(norm),
    };
    return [
      ...parityCases(name, options.preset, real).map((parityCase) => ({ ...common, parityCase })),
      ...golden.filter((trial) => trial.norm === norm),
    ];
  });
  if (options.norms.includes(KERNELS) && backends.includes("wasm")) {
    trials.push(...await kernelTrials(options.preset));
  }
  return trials.filter(({ parityCase }) => isWanted(parityCase.id, options));
}

/** Why there is no case to run. */
function nothingToRun(
  { norms, cases }: ParityTaskOptions,
  backends: readonly BackendName[],
): UsageError {
  const onlyKernels = norms.every((name) => name === KERNELS);
  return new UsageError(
    onlyKernels && !backends.includes("wasm")
      ? "The kernels are those of wasm. Add wasm to --backend."
      : `No case has an id that contains ${cases.join(" or ")}.`,
  );
}

async function describeRun(
  { norms, cases, seed, preset }: ParityTaskOptions,
  statuses: readonly BackendStatus[],
): Promise<HeaderRecord> {
  const backends = statuses.map(describeBackend);
  return {
    kind: "header",
    schema: SCHEMA,
    task: "parity",
    environment: await environment(),
    backends,
    options: { norms, cases, seed, preset, backends: backends.map(({ name }) => name) },
  };
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
    }
  } finally {
    progress.stop();
  }
}

/** Writes the report, prints what was found and decides the exit status. */
async function conclude(run: RunFolder, { json }: ParityTaskOptions): Promise<ExitStatus> {
  const { html } = await writeReport(run.records, run.path);
  if (json) run.records.forEach((record) => console.log(formatRecord(record)));
  else console.log(`${summaryTable(run.records)}\nRecords: ${run.path}\nReport: ${html}`);
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
