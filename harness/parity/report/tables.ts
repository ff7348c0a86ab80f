/**
 * Tables of a report: what is in them, apart from how they are written.
 *
 * @module
 */
import { VERDICTS } from "../record.ts";
import { type Table, table } from "../../../reports/table.ts";
import { measurement, whereabouts } from "./findings.ts";
import {
  count,
  formatOptions,
  formatRatio,
  oneLine,
  VERDICT_MARKS,
} from "../../../reports/format.ts";
import type { NormTally, ParityReport } from "./model.ts";
import type { Tally } from "./tally.ts";

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
