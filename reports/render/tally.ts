/**
 * Comparisons and what is found of several of them together.
 *
 * @module
 */
import {
  type BackendDescription,
  type HeaderRecord,
  type ParityRecord,
  type Verdict,
  VERDICTS,
} from "../../records/record.ts";
import { hasFigures } from "../../records/record.ts";
import { type Run, siteOf } from "../../records/runs.ts";
import { finiteOrInfinite } from "./format.ts";

/** A backend on a machine: a column of the heat map. */
export interface Site {
  /** The backend's name, numbered where several machines or devices have it. */
  readonly label: string;
  readonly backend: BackendDescription;
  readonly header: HeaderRecord;
}

/** A record, and where it was made. */
export interface Comparison {
  readonly record: ParityRecord;
  readonly site: Site;
}

/** What was found of some comparisons together. */
export interface Tally {
  readonly comparisons: readonly Comparison[];
  /** The largest custom error, in budgets. */
  readonly custom: number;
  /** The largest error of a reference, in budgets; `null` where none could run. */
  readonly reference: number | null;
  /** How often each verdict was given. */
  readonly counts: Readonly<Record<Verdict, number>>;
  /** The gravest verdict. */
  readonly verdict: Verdict;
}

/** Joins each comparison of the runs with its site, site by site. */
export function locate(runs: readonly Run[]): Comparison[] {
  const placed = runs.flatMap(({ header, comparisons }) =>
    comparisons.map((record) => ({ record, header, key: siteOf(header, record.backend) }))
  );
  const groups = [...Map.groupBy(placed, ({ key }) => key).values()];
  const names = groups.map(([first]) => first?.record.backend);
  return groups.flatMap((group, index) => {
    const name = names[index] ?? "";
    const twins = names.filter((each) => each === name).length;
    const number = names.slice(0, index + 1).filter((each) => each === name).length;
    const label = twins === 1 ? name : `${name} ${number}`;
    const header = group.at(-1)?.header;
    if (!header) return [];
    const site = { label, header, backend: describeBackend(header, name) };
    return group.map(({ record }) => ({ record, site }));
  });
}

function describeBackend(header: HeaderRecord, name: string): BackendDescription {
  return header.backends.find((each) => each.name === name) ??
    { name, version: "unknown", device: "unknown", notes: [] };
}

/** Sums up comparisons. */
export function tally(comparisons: readonly Comparison[]): Tally {
  const records = comparisons.map(({ record }) => record);
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, records.filter((each) => each.verdict === verdict).length]),
  ) as Record<Verdict, number>;
  return {
    comparisons,
    custom: largest(records.map(({ ratio }) => ratio)) ?? 0,
    reference: largest(records.flatMap(referenceRatios)),
    counts,
    verdict: VERDICTS.find((verdict) => counts[verdict] > 0) ?? "agree",
  };
}

/** The errors of the reference in budgets, of each quantity for which it could run. */
export function referenceRatios(record: ParityRecord): number[] {
  return record.quantities.flatMap(({ reference }) =>
    hasFigures(reference) ? [reference.ratio] : []
  );
}

/** The largest ratio, where NaN counts as infinite; `null` of none. */
export function largest(ratios: readonly number[]): number | null {
  return ratios.reduce<number | null>(
    (most, ratio) => Math.max(most ?? 0, finiteOrInfinite(ratio)),
    null,
  );
}
