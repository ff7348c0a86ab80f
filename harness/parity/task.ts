/**
 * The parity task: runs the cases, writes records and report, prints the table.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { NORMS } from "../../norms/registry.ts";
import { findBackends } from "../backend/active_backend.ts";
import type { BackendName } from "../backend/registry.ts";
import { backendsOption } from "../backend/option.ts";
import { runHeader } from "../run/environment.ts";
import { list, oneOf, someOf, text, wholeNumber } from "../run/options.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { showProgress } from "../run/progress.ts";
import { presentRun } from "../run/write_report.ts";
import { checkRunOptions, openRun, RUN_OPTIONS, type RunFolder } from "../run/run_folder.ts";
import { defineTask, ExitStatus, recording } from "../run/task.ts";
import { missingRecord } from "../run/record.ts";
import { findRealInputs, nothingToRun, planCases } from "./plan.ts";
import { fails, PARITY_KINDS, type ParityRecord } from "./record.ts";
import { PARITY_REPORT } from "./report/document.ts";
import { type CasePlan, runCase } from "./run_case.ts";

const OPTIONS = {
  norm: someOf(
    [...NORMS.map(({ name }): string => name), KERNELS],
    `what to check; ${KERNELS} are kernels that Normbench repaired, compared with the stock ones`,
  ),
  backend: backendsOption("all"),
  case: list(
    "TEXTS",
    "only cases whose id contains one of these texts, as in layer/axis or museum",
  ),
  seed: wholeNumber("every random input follows from it", { least: 0, fallback: 0 }),
  preset: oneOf(["quick", "full"], "how many cases", "quick"),
  dataDir: text(
    "DIR",
    "where Fashion-MNIST is; if left out: NORMBENCH_DATA, the cache, then a download",
  ),
  ...RUN_OPTIONS,
} as const;

export const PARITY_TASK = defineTask({
  name: "parity",
  about: "Compare every norm with tf.layers and a float64 oracle, forward and gradient.",
  options: OPTIONS,
  check: checkRunOptions,
  notes: "Exit status: 0 if every custom norm is right, 1 if one is wrong, 2 for bad usage, " +
    "3 if something is missing.",
  async run(options) {
    const { norm: norms, case: cases, seed, preset } = options;
    const { chosen: statuses, absent } = await findBackends(options.backend);
    const { real, missing } = await findRealInputs(options, seed, options.dataDir);
    const backends = statuses.map(({ name }) => name);
    const plans = await planCases(options, backends, real);
    if (plans.length === 0 && missing.length === 0) throw nothingToRun(options, backends);
    const header = await runHeader("parity", statuses, { norms, cases, seed, preset });
    const run = openRun(header, PARITY_KINDS, options, [
      ...missing,
      ...absent.map((status) => missingRecord("backend", status.name, status)),
    ]);
    return await recording(run, async () => {
      await runAll(plans, backends, seed, run);
      await presentRun(run, PARITY_REPORT, options.json);
      return statusOf(run);
    });
  },
});

async function runAll(
  plans: readonly CasePlan[],
  backends: readonly BackendName[],
  seed: number,
  run: RunFolder<ParityRecord>,
): Promise<void> {
  const complete = completeSites(run.results);
  const progress = showProgress("parity", plans.length);
  try {
    for (const plan of plans) {
      const { id } = plan.parityCase;
      const left = backends.filter((backend) => !complete.has(siteName(id, backend)));
      for (const record of await runCase(plan, left, seed)) {
        if (!run.has(record)) run.append(record);
      }
      progress.step(id);
      await breathe();
    }
  } finally {
    progress.stop();
  }
}

/** Names a case on a backend, whose checks are recorded together. */
function siteName(caseId: string, backend: string): string {
  return JSON.stringify([caseId, backend]);
}

/** What an interrupted run has recorded with all contenders. */
function completeSites(records: readonly ParityRecord[]): ReadonlySet<string> {
  const sites = records.map((record) => siteName(record.case.id, record.backend));
  // The run may have been cut off within the last one.
  return new Set(sites.filter((site) => site !== sites.at(-1)));
}

/** 1 if a custom norm is wrong anywhere, else 3 if data were missing, else 0. */
function statusOf({ results, missing }: RunFolder<ParityRecord>): ExitStatus {
  if (results.some(({ role, verdict }) => role === "custom" && fails(verdict))) {
    return ExitStatus.failed;
  }
  return missing.some(({ what }) => what === "data") ? ExitStatus.missing : ExitStatus.ok;
}
