/**
 * Reports: how the records of a task become pages, and what every report says about the runs: machines,
 * versions, backends, and what was missing.
 *
 * @module
 */
import {
  type Headline,
  type ReportDocument,
  type Section,
  tableBlocks,
} from "../../reports/document.ts";
import { plainRecords } from "../../reports/escape.ts";
import { count } from "../../reports/format.ts";
import { renderDocuments, type RenderedReport } from "../../reports/render.ts";
import { type Table, table } from "../../reports/table.ts";
import type {
  BackendDescription,
  HeaderRecord,
  MissingRecord,
  RecordKind,
  ResultRecord,
  RunRecord,
} from "./record.ts";
import type { Outcome } from "./formats.ts";
import { resultsOf, type Run, siteOf } from "./runs.ts";

/** The report of a task. */
export interface Report<R extends ResultRecord = ResultRecord> {
  /** Name of the task. */
  readonly task: string;
  /** Kinds of its results. */
  readonly kinds: readonly RecordKind<R>[];
  /** The pages, the first one named `report`. */
  pages(records: readonly RunRecord<R>[]): Promise<ReadonlyMap<string, ReportDocument>>;
  /** The summary for the terminal. */
  text(records: readonly RunRecord<R>[]): string;
  /** What became of every check, of a task that checks something. */
  outcomes?(records: readonly RunRecord<R>[]): readonly Outcome[];
}

/** Renders records as their task does; equal records give equal bytes. */
export async function renderRecords<R extends ResultRecord>(
  report: Report<R>,
  records: readonly RunRecord<R>[],
): Promise<RenderedReport> {
  return renderDocuments(await report.pages(plainRecords(records)));
}

/** The summary of records for the terminal. */
export function textOf<R extends ResultRecord>(
  report: Report<R>,
  records: readonly RunRecord<R>[],
): string {
  return report.text(plainRecords(records));
}

/** A summary for the terminal: its parts, what was missing, and last the verdict. */
export function summaryText(
  parts: readonly string[],
  runs: readonly Run[],
  { verdict, remarks }: Pick<Headline, "verdict" | "remarks">,
): string {
  const missing = runs.flatMap((run) => run.missing).map(({ what, name, reason, remedy }) =>
    `missing: ${what} ${name}: ${reason}\n  remedy: ${remedy}`
  );
  const all = [
    ...parts,
    missing.join("\n"),
    [verdict, ...remarks].filter((line) => line !== "").join("\n"),
  ];
  return all.filter((part) => part !== "").join("\n\n") + "\n";
}

/** A backend on a machine. */
export interface Site {
  /** The backend's name, numbered where several machines or devices have it. */
  readonly label: string;
  readonly backend: BackendDescription;
  readonly header: HeaderRecord;
}

/** A result and its site. */
export interface Located<R extends ResultRecord> {
  readonly record: R;
  readonly site: Site;
}

/** Joins each result of one kind with its site, site by site. */
export function locate<R extends ResultRecord, K extends R["kind"]>(
  runs: readonly Run<R>[],
  kind: K,
): Located<Extract<R, { kind: K }>>[] {
  const placed = runs.flatMap((run) =>
    resultsOf<R, K>(run, kind).map((record) => ({
      record,
      header: run.header,
      key: siteOf(run.header, record.backend),
    }))
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

/** What was missing; without blocks if nothing was. */
export function missingSection(runs: readonly Run[]): Section {
  const missing = runs.flatMap((run) => run.missing);
  return {
    heading: "What is missing",
    anchor: "missing",
    blocks: tableBlocks(missingTable(missing)),
    unlisted: true,
  };
}

/** The last sections of a report: backends and runs. */
export function runSections(runs: readonly Run[], sites: readonly Site[]): Section[] {
  return [
    { heading: "Backends", anchor: "backends", blocks: tableBlocks(backendsTable(sites)) },
    { heading: "Runs", anchor: "runs", blocks: tableBlocks(runsTable(runs)) },
  ];
}

function missingTable(missing: readonly MissingRecord[]): Table {
  return table(
    ["missing", "reason", "remedy"],
    missing.map(({ what, name, reason, remedy }) => [`${what} ${name}`, reason, remedy]),
  );
}

function backendsTable(sites: readonly Site[]): Table {
  return table(
    ["backend", "version", "device", "machine", "notes"],
    sites.map(({ label, backend, header }) => [
      label,
      backend.version,
      backend.device,
      `${header.environment.platform}, ${header.environment.cpu}`,
      backend.notes.join("; "),
    ]),
  );
}

/** Versions, machine and options: a row for each property, a column for each run. */
function runsTable(runs: readonly Run[]): Table {
  const properties = runs.map(({ header }) => propertiesOf(header));
  const names = [...new Set(properties.flatMap((each) => [...each.keys()]))];
  return table(
    ["", ...runs.map((_, index) => runs.length === 1 ? "run" : `run ${index + 1}`)],
    names.map((name) => [name, ...properties.map((each) => each.get(name) ?? "")]),
  );
}

function propertiesOf({ task, environment, options }: HeaderRecord): Map<string, string> {
  const { normbench, commit, versions, platform, cpu, cores } = environment;
  return new Map([
    ["task", task],
    ["Normbench", normbench],
    ["commit", commit ?? "not from a checkout"],
    ...Object.entries(versions),
    ["platform", platform],
    ["processor", `${cpu}, ${count(cores, "core")}`],
    ...Object.entries(options).map(([name, value]): [string, string] => [
      `--${name}`,
      Array.isArray(value) ? value.join(", ") : String(value),
    ]),
  ]);
}

/** Versions and machine of each run in a line; equal lines once. */
export function runLines(runs: readonly { readonly header: HeaderRecord }[]): string[] {
  return [...new Set(runs.map(({ header }) => runLine(header)))];
}

function runLine({ environment }: HeaderRecord): string {
  const { normbench, commit, versions, platform, cpu, cores } = environment;
  return [
    `Normbench ${normbench}${commit === null ? "" : ` (${shortCommit(commit)})`}`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    platform,
    cpu,
    count(cores, "core"),
  ].join(" · ");
}

/** A commit with ten digits. */
function shortCommit(commit: string): string {
  return commit.replace(/^([0-9a-f]{10})[0-9a-f]*/, "$1");
}
