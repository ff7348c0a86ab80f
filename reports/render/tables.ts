/**
 * Tables of a report: what is in them, apart from how they are written.
 *
 * @module
 */
import { type HeaderRecord, VERDICTS } from "../../records/record.ts";
import { measurement, whereabouts } from "./findings.ts";
import { count, formatOptions, formatRatio, oneLine, VERDICT_MARKS } from "./format.ts";
import type { NormTally, ParityReport } from "./model.ts";
import type { Tally } from "./tally.ts";

/** Cells of plain text under headings, numbers to the right. */
export interface Table {
  readonly columns: readonly { readonly heading: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

/** Makes a table; headings that end in `#` are those of numbers. */
function table(headings: readonly string[], rows: Table["rows"]): Table {
  const columns = headings.map((heading) => ({
    heading: heading.replace(/#$/, ""),
    numeric: heading.endsWith("#"),
  }));
  return { columns, rows };
}

/** Norm by backend: the worst error in budgets, how many comparisons, how often each verdict. */
export function summary(report: ParityReport): Table {
  return table(
    ["norm", "backend", "worst / budget#", "comparisons#", ...VERDICTS.map((each) => `${each}#`)],
    report.cells.map((cell) => [
      cell.norm,
      cell.site.label,
      formatRatio(cell.custom),
      String(cell.comparisons.length),
      ...VERDICTS.map((verdict) => zeroAsDot(cell.counts[verdict])),
    ]),
  );
}

/** A dot leaves the eye free for the counts that are there. */
function zeroAsDot(number: number): string {
  return number === 0 ? "·" : String(number);
}

/** All findings, the gravest first. */
export function findingsTable({ findings, sites }: ParityReport): Table {
  return table(
    ["verdict", "who", "case", "how far", "where"],
    findings.map((finding) => [
      formatVerdict(finding.verdict),
      finding.subjects.join(", "),
      finding.cases.join(", "),
      measurement(finding),
      whereabouts(finding, sites.length),
    ]),
  );
}

/** The cases of a norm, each with the worst over implementations and backends. */
export function casesTable({ cases }: NormTally): Table {
  return table(
    ["case", "shows", "custom / budget#", "reference / budget#", "verdict"],
    cases.map((each) => [
      each.label,
      oneLine(each.case.about),
      formatRatio(each.custom),
      formatReference(each),
      formatVerdict(each.verdict),
    ]),
  );
}

/** The worst error of the reference in budgets, or that it could not run. */
export function formatReference({ reference }: Tally): string {
  return reference === null ? "cannot" : formatRatio(reference);
}

/** A verdict with its sign. */
export function formatVerdict(verdict: Tally["verdict"]): string {
  return `${VERDICT_MARKS[verdict]} ${verdict}`;
}

/** The things that were missing. */
export function missingTable({ missing }: ParityReport): Table {
  return table(
    ["missing", "reason", "remedy"],
    missing.map(({ what, name, reason, remedy }) => [
      `${what} ${name}`,
      oneLine(reason),
      oneLine(remedy),
    ]),
  );
}

/** The backends that took part, and what they ran on. */
export function backendsTable({ sites }: ParityReport): Table {
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

/** Versions, machine and options: a row a property, a column a run. */
export function runsTable({ runs }: ParityReport): Table {
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

/** Runs in a line each, versions and machine; alike ones once. */
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

/** The first digits of a commit, and whether the checkout had changes. */
function shortCommit(commit: string): string {
  return commit.replace(/^([0-9a-f]{10})[0-9a-f]*/, "$1");
}

/** What a case is made of, in a line. */
export function caseLine({ case: { shape, options, input, steps, seed }, comparisons }: {
  readonly case: NormTally["cases"][number]["case"];
  readonly comparisons: Tally["comparisons"];
}): string {
  const record = comparisons[0]?.record;
  return [
    `shape [${shape.join(", ")}]`,
    formatOptions(options) || "default options",
    `input ${oneLine(input)}`,
    count(steps, "step"),
    `seed ${seed}`,
    ...(record ? [`statistics over ${count(record.reductionLength, "element")}`] : []),
    ...(record ? [`condition number ${formatRatio(record.kappa)}`] : []),
  ].join(" · ");
}
