/**
 * What the report of a replay says, before it is written.
 *
 * @module
 */
import { REPLAY_KINDS, type ReplayResult } from "../record.ts";
import type { ReplayRunRecord } from "../record.ts";
import type { MissingRecord } from "../../run/record.ts";
import {
  type DemonstrationRecord,
  type FigureRecord,
  NOTEBOOK,
  NOTEBOOK_EXPERIMENTS,
  type NotebookNetwork,
  type NotebookRunRecord,
} from "../record.ts";
import { mergeRecords, type Run, splitRuns } from "../../run/runs.ts";
import { locate, type Located, type Site } from "../../run/report_sections.ts";

/** Digits of a loss that float32 carries: where so many agree, a replay follows. */
const FOLLOWING_DIGITS = 6;

/** The figures of one experiment, site by site. */
export interface ExperimentFigures {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Located<FigureRecord>[];
}

/** The training runs of one network on one site. */
export interface NetworkRuns {
  readonly site: Site;
  readonly network: NotebookNetwork;
  /** That of the notebook's seed. */
  readonly own: NotebookRunRecord | undefined;
  /** Those of further seeds. */
  readonly further: readonly NotebookRunRecord[];
  /** The figures that the notebook printed of it, in the order of training. */
  readonly figures: readonly FigureRecord[];
  /** The last iteration up to which every printed digit is reproduced; 0 if none is. */
  readonly followed: number;
}

/** A whole replay report. */
export interface ReplayReport {
  readonly runs: readonly Run[];
  /** Backends that took part; float64 is none. */
  readonly sites: readonly Site[];
  readonly missing: readonly MissingRecord[];
  readonly experiments: readonly ExperimentFigures[];
  readonly networks: readonly NetworkRuns[];
  /** By question. */
  readonly demonstrations: ReadonlyMap<string, DemonstrationRecord>;
}

/** Works out a report from the records of one or more runs; `TypeError` if they have no header. */
export function modelReplay(records: readonly ReplayRunRecord[]): ReplayReport {
  const runs = splitRuns<ReplayResult>(mergeRecords([records], REPLAY_KINDS));
  const figures = locate(runs, "figure");
  const trainings = locate(runs, "notebook-run");
  const sites = [...figures, ...trainings].map(({ site }) => site);
  const known = new Map(sites.map((site) => [site.label, site]));
  const demonstrations = runs.flatMap(({ results }) => results)
    .filter((record) => record.kind === "demonstration");
  return {
    runs,
    sites: [...known.values()].filter(isBackend),
    missing: runs.flatMap((run) => run.missing),
    experiments: Object.entries(NOTEBOOK_EXPERIMENTS).map(([name, title]) => ({
      name,
      title,
      figures: figures.filter(({ record }) => record.experiment === name),
    })).filter(({ figures }) => figures.length > 0),
    networks: networkRuns(trainings, figures),
    demonstrations: new Map(demonstrations.map((record) => [record.question, record])),
  };
}

/** Whether a site is a backend that its header names, and not the float64 oracle. */
function isBackend({ backend, header }: Site): boolean {
  return header.backends.some(({ name }) => name === backend.name);
}

function networkRuns(
  trainings: readonly Located<NotebookRunRecord>[],
  figures: readonly Located<FigureRecord>[],
): NetworkRuns[] {
  const groups = Map.groupBy(trainings, ({ record, site }) => `${site.label} ${record.network}`);
  return [...groups.values()].map((group) => {
    const { site, record: { network } } = group[0]!;
    const printed = figures
      .filter((figure) =>
        figure.site.label === site.label && figure.record.training?.network === network
      )
      .map(({ record }) => record)
      .sort((a, b) => a.training!.iteration - b.training!.iteration);
    return {
      site,
      network,
      own: group.find(({ record }) => record.seed === NOTEBOOK.seed)?.record,
      further: group.map(({ record }) => record).filter(({ seed }) => seed !== NOTEBOOK.seed),
      figures: printed,
      followed: followedUpTo(printed),
    };
  });
}

/** The iteration of the last figure before the first that is not reproduced. */
function followedUpTo(figures: readonly FigureRecord[]): number {
  const follows = ({ verdict, digits = 0 }: FigureRecord) =>
    verdict === "same digits" || digits >= FOLLOWING_DIGITS;
  const first = figures.findIndex((figure) => !follows(figure));
  const departed = first === -1 ? Infinity : figures[first]!.training!.iteration;
  const before = figures.filter(({ training }) => training!.iteration < departed);
  return before.at(-1)?.training?.iteration ?? 0;
}
