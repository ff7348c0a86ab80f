/** What a training report says, before it is written: questions, panels that may be compared, arms. */
import type { HeaderRecord, MissingRecord } from "../../run/record.ts";
import { mergeRecords, resultsOf, type Run, siteOf, splitRuns } from "../../run/runs.ts";
import {
  type ObservationRecord,
  TRAIN_KINDS,
  type TrainResultRecord,
  type TrainRunRecord,
} from "../record.ts";
import { UsageError } from "../../../norms/basics/errors.ts";
import { uniqueSlugs } from "../../../reports/escape.ts";
import { locate, type Site } from "../../run/report.ts";
import { type Contrast, type Family, type TestedFamily, testFamilies } from "./contrasts.ts";
import { armLabels, panelLabels } from "./labels.ts";
import type { Measure } from "./measures.ts";
import { type Field, settingsWithout } from "../settings.ts";
import type { Arm, EndedTrial, Panel } from "./panel.ts";

export interface Comparing {
  /** Fields that arms of one panel may differ in. */
  readonly varies: readonly Field[];
  /** Families of comparisons; the first heads the page. */
  readonly families: readonly Family[];
}

export interface SuiteModel {
  readonly name: string;
  /** The name as it is used in file names; no other page has it. */
  readonly slug: string;
  readonly panels: readonly Panel[];
  readonly unfinished: readonly { readonly id: string; readonly epochs: number }[];
  /** The comparisons, family by family and panel by panel. */
  readonly tested: readonly TestedFamily[];
  readonly head: readonly TestedFamily[];
}

export interface TrainReport {
  readonly runs: readonly Run[];
  readonly sites: readonly Site[];
  readonly missing: readonly MissingRecord[];
  readonly suites: readonly SuiteModel[];
  /** What was measured of mechanisms, with the machine that did. */
  readonly observations: readonly Observation[];
}

export interface Observation {
  readonly record: ObservationRecord;
  readonly site: Site;
}

/**
 * Works out a report from the records of one or more runs; throws as `renderReport` does.
 *
 * @param compare How the records of a question are compared, by its name.
 */
export function modelTraining(
  records: readonly TrainRunRecord[],
  compare: (question: string) => Comparing,
): TrainReport {
  const runs = splitRuns<TrainResultRecord>(mergeRecords([records], TRAIN_KINDS));
  const epochs = epochsByTrial(runs);
  const seen = new Set<string>();
  const ended = locate(runs, "trial").map(({ record, site }): EndedTrial => {
    const { id } = record.trial;
    const key = trialKey(site.header, record.backend, id);
    if (seen.has(key)) {
      throw new UsageError(
        `${id} was tried in two ways, as with another preset, seed or data set: render these runs ` +
          "separately",
      );
    }
    seen.add(key);
    return { record, site, epochs: epochs.get(key) ?? [] };
  });
  const unfinished = [...epochs].filter(([key]) => !seen.has(key))
    .map(([, records]) => ({ id: records[0]!.trial, epochs: records.length }));
  const bySuite = Map.groupBy(ended, ({ record }) => record.trial.suite);
  const names = new Set([...bySuite.keys(), ...unfinished.map(({ id }) => suiteOf(id))]);
  const slugs = uniqueSlugs([...names], ["report"]);
  const observations = locate(runs, "observation");
  return {
    runs,
    observations,
    sites: [...new Set([...ended, ...observations].map(({ site }) => site))],
    missing: runs.flatMap((run) => run.missing),
    suites: [...names].map((name, index) => {
      const { varies, families } = compare(name);
      const panels = makePanels(bySuite.get(name) ?? [], varies);
      const tested = testFamilies(panels, families);
      return {
        name,
        slug: slugs[index]!,
        panels,
        unfinished: unfinished.filter(({ id }) => suiteOf(id) === name),
        tested,
        head: tested.filter(({ family }) => family === families[0]),
      };
    }),
  };
}

export function armsOf(suites: readonly SuiteModel[]): Arm[] {
  return suites.flatMap(({ panels }) => panels).flatMap(({ arms }) => arms);
}

export function panelsOf({ suites }: TrainReport, question: string): readonly Panel[] {
  return suites.find(({ name }) => name === question)?.panels ?? [];
}

/** What a question compares by a measure; nothing where it was not run. */
export function testedIn({ suites }: TrainReport, question: string, measure: Measure): Contrast[] {
  return suites.filter(({ name }) => name === question).flatMap(({ tested }) => tested)
    .filter(({ family }) => family.measure === measure).flatMap(({ contrasts }) => contrasts);
}

function epochsByTrial(runs: readonly Run<TrainResultRecord>[]) {
  const keyed = runs.flatMap((run) =>
    resultsOf(run, "epoch").map((record) => ({
      record,
      key: trialKey(run.header, record.backend, record.trial),
    }))
  );
  return new Map(
    [...Map.groupBy(keyed, ({ key }) => key)].map(([key, group]) => [
      key,
      group.map(({ record }) => record).sort((a, b) => a.epoch - b.epoch),
    ]),
  );
}

function trialKey(header: HeaderRecord, backend: string, id: string): string {
  return JSON.stringify([siteOf(header, backend), id]);
}

/** An id begins with its suite. */
function suiteOf(id: string): string {
  return id.split("/")[0]!;
}

function makePanels(trials: readonly EndedTrial[], varies: readonly Field[]): Panel[] {
  const keyOfPanel = ({ record, site }: EndedTrial) =>
    JSON.stringify([site.label, settingsWithout(record.trial, varies)]);
  const groups = [...Map.groupBy(trials, keyOfPanel).values()];
  const labels = panelLabels(
    groups.map(([first]) => ({ description: first!.record.trial, site: first!.site.label })),
    varies,
  );
  return groups.map((group, index) => ({
    label: labels[index]!,
    site: group[0]!.site,
    arms: makeArms(group),
  }));
}

function makeArms(trials: readonly EndedTrial[]): Arm[] {
  const keyOfArm = ({ record: { trial } }: EndedTrial) =>
    JSON.stringify([trial.arm, settingsWithout(trial, [])]);
  const groups = [...Map.groupBy(trials, keyOfArm).values()];
  const descriptions = groups.map(([first]) => first!.record.trial);
  const labels = armLabels(descriptions);
  return groups.map((group, index) => {
    const trials = group.sort((a, b) => a.record.trial.number - b.record.trial.number);
    return {
      label: labels[index]!,
      description: descriptions[index]!,
      trials,
      finished: trials.filter(({ record }) => record.outcome === "finished"),
      diverged: trials.filter(({ record }) => record.outcome === "diverged"),
    };
  });
}
