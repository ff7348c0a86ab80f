/**
 * The content of a replay report, apart from how it is written.
 *
 * @module
 */
import { type Agreement, agreements } from "../agreement.ts";
import { FLOAT64 } from "../arithmetic.ts";
import type { MissingRecord } from "../../run/record.ts";
import {
  type DemonstrationRecord,
  NOTEBOOK,
  NOTEBOOK_EXPERIMENTS,
  type NotebookNetwork,
  type NotebookRunRecord,
  type PrintoutRecord,
  REPLAY_KINDS,
  type ReplayResult,
  type ReplayRunRecord,
  type StudyRunRecord,
} from "../record.ts";
import { mergeRecords, type Run, splitRuns } from "../../run/runs.ts";
import { locate, type Located, type Site } from "../../run/report.ts";

/** Digits of a loss that float32 has: where as many agree, a run follows the notebook. */
const FOLLOWING_DIGITS = 6;

/** The printouts of an experiment, site by site. */
export interface ExperimentPrintouts {
  readonly name: string;
  readonly title: string;
  readonly printouts: readonly Located<PrintoutRecord>[];
}

/** The training runs of one network on one site. */
export interface NetworkRuns {
  readonly site: Site;
  readonly network: NotebookNetwork;
  /** The run with the notebook's seed. */
  readonly own: NotebookRunRecord | undefined;
  /** The runs with other seeds. */
  readonly further: readonly NotebookRunRecord[];
  /** What the notebook printed during training, in this order. */
  readonly printouts: readonly PrintoutRecord[];
  /** The last iteration up to which every printed digit is reproduced; 0 if none is. */
  readonly followed: number;
  /** The further seeds against NumPy's; empty without any. */
  readonly agreements: readonly Agreement[];
}

/** The training runs of N8, N9 or N10 on the site that has most of them. */
export interface StudyRuns {
  readonly site: Site;
  readonly runs: readonly StudyRunRecord[];
}

/** A whole report. */
export interface ReplayModel {
  readonly runs: readonly Run[];
  /** The backends; float64 is not one. */
  readonly sites: readonly Site[];
  readonly missing: readonly MissingRecord[];
  readonly experiments: readonly ExperimentPrintouts[];
  /** Every figure once: as float64 has it, or, where there is none, the first backend. */
  readonly figures: readonly Located<PrintoutRecord>[];
  readonly networks: readonly NetworkRuns[];
  readonly studies: ReadonlyMap<string, StudyRuns>;
  /** By question. */
  readonly demonstrations: ReadonlyMap<string, DemonstrationRecord>;
}

/**
 * Builds the report of the records of one or more runs.
 *
 * @throws {TypeError} if they have no header.
 */
export function modelReplay(records: readonly ReplayRunRecord[]): ReplayModel {
  const runs = splitRuns<ReplayResult>(mergeRecords([records], REPLAY_KINDS));
  const printouts = locate(runs, "figure");
  const trainings = locate(runs, "notebook-run");
  const studies = locate(runs, "study-run");
  const sites = [...printouts, ...trainings, ...studies].map(({ site }) => site);
  const known = new Map(sites.map((site) => [site.label, site]));
  const demonstrations = runs.flatMap(({ results }) => results)
    .filter((record) => record.kind === "demonstration");
  return {
    runs,
    sites: [...known.values()].filter(isBackend),
    missing: runs.flatMap((run) => run.missing),
    figures: figuresOf(printouts),
    experiments: Object.entries(NOTEBOOK_EXPERIMENTS).map(([name, title]) => ({
      name,
      title,
      printouts: printouts.filter(({ record }) => record.experiment === name),
    })).filter(({ printouts }) => printouts.length > 0),
    networks: networkRuns(trainings, printouts),
    studies: studiesOf(studies),
    demonstrations: new Map(demonstrations.map((record) => [record.question, record])),
  };
}

function figuresOf(printouts: readonly Located<PrintoutRecord>[]): Located<PrintoutRecord>[] {
  const groups = Map.groupBy(printouts, ({ record }) => `${record.experiment} ${record.figure}`);
  return [...groups.values()].map((group) =>
    group.find(({ record }) => record.backend === FLOAT64) ?? group[0]!
  );
}

/** By experiment; machines are not mixed. */
function studiesOf(located: readonly Located<StudyRunRecord>[]): Map<string, StudyRuns> {
  const experiments = Map.groupBy(located, ({ record }) => record.experiment);
  return new Map([...experiments].map(([experiment, all]) => {
    const sites = [...Map.groupBy(all, ({ site }) => site.label).values()];
    const most = sites.reduce((a, b) => b.length > a.length ? b : a);
    return [experiment, { site: most[0]!.site, runs: most.map(({ record }) => record) }];
  }));
}

/** Whether a site is a backend that its header names, and not the float64 oracle. */
function isBackend({ backend, header }: Site): boolean {
  return header.backends.some(({ name }) => name === backend.name);
}

function networkRuns(
  trainings: readonly Located<NotebookRunRecord>[],
  printouts: readonly Located<PrintoutRecord>[],
): NetworkRuns[] {
  const groups = Map.groupBy(trainings, ({ record, site }) => `${site.label} ${record.network}`);
  return [...groups.values()].map((group) => {
    const { site, record: { network } } = group[0]!;
    const printed = printouts
      .filter((each) => each.site.label === site.label && each.record.training?.network === network)
      .map(({ record }) => record)
      .sort((a, b) => a.training!.iteration - b.training!.iteration);
    return {
      site,
      network,
      own: group.find(({ record }) => record.seed === NOTEBOOK.seed)?.record,
      further: group.map(({ record }) => record).filter(({ seed }) => seed !== NOTEBOOK.seed),
      printouts: printed,
      followed: followedUpTo(printed),
      agreements: agreements(group.map(({ record }) => record)),
    };
  });
}

/** The iteration of the last printout before the first that is not reproduced. */
function followedUpTo(printouts: readonly PrintoutRecord[]): number {
  const follows = ({ verdict, digits }: PrintoutRecord) =>
    verdict === "same digits" || digits >= FOLLOWING_DIGITS;
  const first = printouts.findIndex((printout) => !follows(printout));
  const departed = first === -1 ? Infinity : printouts[first]!.training!.iteration;
  const before = printouts.filter(({ training }) => training!.iteration < departed);
  return before.at(-1)?.training?.iteration ?? 0;
}
