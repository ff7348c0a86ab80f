/**
 * The parity task: runs the cases, writes records and report, prints the table.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { NORMS } from "../../norms/registry.ts";
import { findBackends } from "../backend/active_backend.ts";
import type { BackendName } from "../backend/registry.ts";
import { backendsOption, unneeded } from "../backend/option.ts";
import { runHeader } from "../run/environment.ts";
import { FORMAT, type Formats } from "../run/formats.ts";
import { list, oneOf, someOf, text, wholeNumber } from "../run/options.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { breathe } from "../../norms/basics/event_loop.ts";
import { showProgress } from "../run/progress.ts";
import { presentRun } from "../run/write_report.ts";
import { checkRunOptions, openRun, RUN_OPTIONS, type RunFolder } from "../run/run_folder.ts";
import { defineTask, ExitStatus, recording } from "../run/task.ts";
import { missingRecord } from "../run/record.ts";
import { findCounterexamples } from "./counterexample/find.ts";
import { keep, keptFile, readKept } from "./counterexample/kept.ts";
import { writeRepros } from "./counterexample/repro_files.ts";
import { findSteps } from "./find_steps.ts";
import { loadCustoms } from "./custom_module.ts";
import type { Custom } from "./custom_plan.ts";
import { findRealInputs, nothingToRun, planCases } from "./plan.ts";
import {
  type Counterexample,
  fails,
  PARITY_KINDS,
  type ParityRecord,
  type ParityResultRecord,
} from "./record.ts";
import { PARITY_REPORT } from "./report/document.ts";
import { type CasePlan, runCase } from "./run_case.ts";

/** The names that `--norm` takes. */
const NAMES: readonly string[] = [...NORMS.map(({ name }) => name), KERNELS];

/** Cases that are drawn for a norm of the user's; they take as long as the listed ones. */
const GENERATED = 25;

const OPTIONS = {
  norm: someOf(
    NAMES,
    `what to check; ${KERNELS} are kernels that Normbench repaired, compared with the stock ones`,
  ),
  module: text(
    "FILE",
    "check the norms or layers that this file exports, in place of Normbench's; see docs/running.md",
  ),
  backend: backendsOption("all"),
  case: list(
    "TEXTS",
    "only cases whose id contains one of these texts, as in layer/axis or museum",
  ),
  seed: wholeNumber("every random input follows from it", { least: 0, fallback: 0 }),
  preset: oneOf(["quick", "full"], "how many cases", "quick"),
  generate: wholeNumber(
    "cases that are drawn for every norm; 25 with --module and without --case, else none, if left out",
    { least: 0 },
  ),
  dataDir: text(
    "DIR",
    "where Fashion-MNIST is; if left out: NORMBENCH_DATA, the cache, then a download",
  ),
  ...RUN_OPTIONS,
  format: FORMAT,
} as const;

export const PARITY_TASK = defineTask({
  name: "parity",
  about:
    "Compare every norm, or your own, with tf.layers and a float64 oracle, forward and gradient.",
  options: OPTIONS,
  check: checkRunOptions,
  unneeded,
  notes: "Exit status: 0 if every custom norm is right, 1 if one is wrong, 2 for bad usage, " +
    "3 if something is missing.",
  async run(options) {
    const { case: cases, seed, preset, module } = options;
    const customs = module === undefined ? undefined : await customsOf(module, options.norm);
    const norms = customs === undefined ? options.norm : namesOf(customs);
    const generate = options.generate ??
      (module === undefined || cases.length > 0 ? 0 : GENERATED);
    const wanted = { ...options, norm: norms, generate };
    // They come first: a run that is resumed has been through what was kept before it.
    const kept = module === undefined || options.resume ? [] : readKept(keptFile(module));
    const { chosen: statuses, absent } = await findBackends(options.backend);
    const { real, missing } = await findRealInputs(wanted, seed, options.dataDir);
    const backends = statuses.map(({ name }) => name);
    const plans = await planCases(wanted, backends, real, customs, kept);
    if (plans.length === 0 && missing.length === 0) throw nothingToRun(wanted, backends, customs);
    const header = await runHeader("parity", statuses, {
      ...{ norms, cases, seed, preset },
      ...(generate > 0 && { generate }),
      ...(module !== undefined && { module: await versionOf(module) }),
    });
    const open = () =>
      openRun(header, PARITY_KINDS, options, [
        ...missing,
        ...absent.map((status) => missingRecord("backend", status.name, status)),
      ]);
    return await recording(open, async (run) => {
      await runAll(plans, backends, seed, run);
      await findAll(plans, run);
      if (module !== undefined) await lookAll(plans, run);
      if (module !== undefined) keep(keptFile(module), examplesOf(run));
      await presentRun(run, PARITY_REPORT, options.json, options.format);
      if (module !== undefined) await reproduceAll(run, module, options);
      return statusOf(run);
    });
  },
});

/** The norms that a module exports, as far as `--norm` asks for them. */
async function customsOf(module: string, wanted: readonly string[]): Promise<Custom[]> {
  const customs = await loadCustoms(module);
  const isNarrowed = wanted.length < NAMES.length;
  const chosen = customs.filter(({ norm }) => !isNarrowed || wanted.includes(norm.name));
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `${module} exports no norm of --norm ${wanted}, but of ${namesOf(customs).join(", ")}.`,
  );
}

function namesOf(customs: readonly Custom[]): string[] {
  return [...new Set(customs.map(({ norm }) => norm.name))];
}

/** A module's path and digest, so that a run is not resumed with another version of it. */
async function versionOf(module: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(module));
  return `${module} sha256:${new Uint8Array(digest).toHex().slice(0, 16)}`;
}

async function runAll(
  plans: readonly CasePlan[],
  backends: readonly BackendName[],
  seed: number,
  run: RunFolder<ParityResultRecord>,
): Promise<void> {
  const complete = completeSites(checksOf(run));
  const progress = showProgress("parity", plans.length);
  try {
    for (const plan of plans) {
      const { id } = plan.parityCase;
      const names = Object.keys(plan.subjects);
      const left = backends.filter((backend) =>
        !names.every((name) => complete.has(siteName(id, backend, name)))
      );
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

/** Looks for the smallest inputs on which the custom norms fail, as far as they are not recorded. */
async function findAll(
  plans: readonly CasePlan[],
  run: RunFolder<ParityResultRecord>,
): Promise<void> {
  const checks = checksOf(run);
  for await (const example of findCounterexamples(plans, checks, examplesOf(run))) {
    run.append(example);
  }
}

/** Looks at the steps of custom norms that fail or lose digits, as far as they are not recorded. */
async function lookAll(
  plans: readonly CasePlan[],
  run: RunFolder<ParityResultRecord>,
): Promise<void> {
  const known = run.results.filter((record) => record.kind === "steps");
  const isKnown = ({ norm, contender }: ParityRecord) =>
    known.some((each) => each.norm === norm && each.contender === contender);
  for await (const found of findSteps(plans, checksOf(run), isKnown)) run.append(found);
}

/** Writes a file that fails alone for each counterexample, and says where it is. */
async function reproduceAll(
  { path, results }: RunFolder<ParityResultRecord>,
  module: string,
  { json, format }: { readonly json: boolean; readonly format: Formats },
): Promise<void> {
  const examples = results.filter((record) => record.kind === "counterexample");
  const say = json || !format.text ? console.error : console.log;
  for (const { path: file, note, twin } of await writeRepros(path, module, examples)) {
    const said = [file && `Repro: ${file}, which fails alone`, note, twin && `${twin} asks Python`];
    say(said.filter(Boolean).join("\n  "));
  }
}

function checksOf({ results }: RunFolder<ParityResultRecord>): ParityRecord[] {
  return results.filter((record) => record.kind === "parity");
}

function examplesOf({ results }: RunFolder<ParityResultRecord>): Counterexample[] {
  return results.filter((record) => record.kind === "counterexample");
}

/** Names a contender on a case and backend. */
function siteName(caseId: string, backend: string, contender = ""): string {
  return JSON.stringify([caseId, backend, contender]);
}

/** What an interrupted run has recorded with all contenders. */
function completeSites(records: readonly ParityRecord[]): ReadonlySet<string> {
  // The run may have been cut off within the last case.
  const last = records.at(-1);
  const isWhole = ({ case: { id }, backend }: ParityRecord) =>
    last === undefined || siteName(id, backend) !== siteName(last.case.id, last.backend);
  return new Set(
    records.filter(isWhole)
      .map((record) => siteName(record.case.id, record.backend, record.contender)),
  );
}

/** 1 if a custom norm is wrong anywhere, else 3 if data were missing, else 0. */
function statusOf(run: RunFolder<ParityResultRecord>): ExitStatus {
  const { missing } = run;
  if (checksOf(run).some(({ role, verdict }) => role === "custom" && fails(verdict))) {
    return ExitStatus.failed;
  }
  return missing.some(({ what }) => what === "data") ? ExitStatus.missing : ExitStatus.ok;
}
