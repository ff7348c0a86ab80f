/**
 * The tables of a report, and its summary for the terminal.
 *
 * @module
 */
import { count, oneLine, WIDTH, wrapLine } from "../../../reports/format.ts";
import type { Headline } from "../../../reports/document.ts";
import { summaryText } from "../../run/report.ts";
import { type Table, table, textTable } from "../../../reports/table.ts";
import { type ParityRunRecord, VERDICTS } from "../record.ts";
import { counterexampleText } from "./counterexamples.ts";
import { circumstances, type Finding, inputsLine, measurement, sitesOf } from "./findings.ts";
import { type CaseTally, modelParity, type NormTally, type ParityReport } from "./model.ts";
import { stepsLine } from "./steps_section.ts";
import type { RoleTally } from "./tally.ts";
import { formatRatio, formatVerdict, VERDICT_MEANINGS } from "./verdicts.ts";

/** Length from which the text of an error is cut in the terminal. */
const MOST_OF_ERROR = 120;

/** Cases that a line of the terminal names. */
const MOST_CASES = 3;

/** Findings that the terminal shows, and how many after counterexamples, which say what is wrong. */
const MOST_FINDINGS = 40;
const MOST_AFTER_COUNTEREXAMPLES = 5;

/** Norm by backend: the worst error in budgets, how many checks, how often each verdict. */
export function summaryTable(report: ParityReport): Table {
  // A verdict that does not occur has no column.
  const verdicts = VERDICTS.filter((verdict) =>
    verdict === "wrong" || verdict === "right" || report.custom.counts[verdict] > 0
  );
  // A dot in place of 0, so that other counts stand out.
  const times = (number: number) => String(number || "·");
  return table(
    [
      ...["norm", "backend", "worst / budget#", "checks#"],
      ...verdicts.map((verdict) => `${verdict}#`),
      "reference wrong#",
    ],
    report.cells.map(({ norm, site, custom, reference }) => [
      norm,
      site.label,
      formatWorst(custom),
      String(custom.checks.length),
      ...verdicts.map((verdict) => times(custom.counts[verdict])),
      times(reference.counts.wrong),
    ]),
  );
}

export function findingsTable({ findings, sites }: ParityReport): Table {
  // Whether a custom norm fails, so that there is something to say.
  const isExplained = findings.some((finding) => circumstances(finding) !== "");
  return table(
    ["verdict", "role", "who", "case", "how far", "where", ...isExplained ? ["with"] : []],
    findings.map((finding) => [
      formatVerdict(finding.verdict),
      finding.role,
      finding.subjects.join(", "),
      finding.cases.join(", "),
      measurement(finding),
      sitesOf(finding, sites.length),
      ...isExplained ? [circumstances(finding)] : [],
    ]),
  );
}

/** The cases of a norm, each with the worst over implementations and backends. */
export function casesTable({ cases }: NormTally): Table {
  return table(
    ["case", "shows", "custom / budget#", "custom", "reference / budget#", "reference"],
    cases.map((each) => [
      each.label,
      oneLine(each.case.about),
      ...[each.custom, each.reference].flatMap((of) => [
        formatWorst(of),
        of.verdict === null ? "none" : formatVerdict(of.verdict),
      ]),
    ]),
  );
}

/** The worst error in budgets; a dash where nothing was answered. */
export function formatWorst({ ratio }: RoleTally): string {
  return ratio === null ? "–" : formatRatio(ratio);
}

/** The inputs and options of a case, in a line. */
export function caseLine({ case: of, checks }: CaseTally) {
  const { reductionLength, kappa } = checks[0]!.record;
  return [
    inputsLine(of),
    `statistics over ${count(reductionLength, "element")}`,
    `condition number ${formatRatio(kappa)}`,
  ].join(" · ");
}

/**
 * The summary of a parity run for the terminal: norm by backend, findings, verdict. Where counterexamples say
 * what is wrong, verdict and counterexamples come first.
 */
export function terminalSummary(records: readonly ParityRunRecord[]): string {
  const report = modelParity(records);
  const { headline, runs, counterexamples } = report;
  const steps = report.steps.map(({ record }) => wrapLine(stepsLine(record))).join("\n");
  const overview = terminalTable(summaryTable(report));
  if (counterexamples.length === 0) {
    const parts = [overview, findingLines(report, MOST_FINDINGS), steps, legend(report)];
    return summaryText(parts, runs, wrapHeadline(headline));
  }
  const { verdict, remarks } = wrapHeadline(headline);
  const parts = [
    verdict,
    ...counterexamples.map(({ record }) => counterexampleText(record)),
    steps,
    findingLines(report, MOST_AFTER_COUNTEREXAMPLES),
    overview,
    legend(report),
  ];
  return summaryText(parts, runs, { verdict: "", remarks });
}

function wrapHeadline({ verdict, remarks }: Headline): Pick<Headline, "verdict" | "remarks"> {
  return {
    verdict: wrapLine(verdict),
    remarks: remarks.map((remark) => wrapLine(remark)),
  };
}

/** A table as text; one that is wider than a terminal has headings of two lines. */
function terminalTable(of: Table): string {
  const text = textTable(of);
  if (text.split("\n").every(({ length }) => length <= WIDTH)) return text;
  const words = of.columns.map(({ heading }) => {
    const cut = heading.lastIndexOf(" ");
    return cut === -1 ? ["", heading] : [heading.slice(0, cut), heading.slice(cut + 1)];
  });
  const columns = of.columns.map((column, i) => ({ ...column, heading: words[i]![0]! }));
  return textTable({ columns, rows: [words.map(([, last]) => last!), ...of.rows] });
}

/** The worst findings, and how many more there are. */
function findingLines({ findings, sites }: ParityReport, most: number): string {
  const lines = findings.slice(0, most).map((finding) => findingLine(finding, sites.length));
  const more = findings.length - lines.length;
  return [...lines, ...(more > 0 ? [`and ${more} more in the report`] : [])].join("\n");
}

/** What the verdicts mean that occur; nothing where all is right. */
function legend({ custom, findings }: ParityReport): string {
  const occurring = VERDICTS.filter((verdict) =>
    custom.counts[verdict] > 0 || findings.some((finding) => finding.verdict === verdict)
  );
  if (occurring.every((verdict) => verdict === "right")) return "";
  const width = Math.max(...occurring.map(({ length }) => length));
  return occurring.map((verdict) =>
    wrapLine(`${verdict.padEnd(width)}  ${VERDICT_MEANINGS[verdict]}`, " ".repeat(width + 2))
  ).join("\n");
}

/** `wrong (reference): tf.layers layer/axis-2-1: y off by 3.1e5 budgets, on cpu`. */
function findingLine(finding: Finding, sites: number): string {
  const { verdict, role, subjects } = finding;
  const verdictOf = role === "custom" ? verdict : `${verdict} (reference)`;
  const cases = finding.cases.length > MOST_CASES
    ? [...finding.cases.slice(0, MOST_CASES), `and ${finding.cases.length - MOST_CASES} more`]
    : finding.cases;
  const what = oneLine(measurement(finding), verdict === "cannot run" ? MOST_OF_ERROR : Infinity);
  const where = sitesOf(finding, sites);
  const line = `${verdictOf}: ${subjects.join(", ")} ${cases.join(", ")}: ${what}, on ${where}`;
  const more = circumstances(finding);
  return wrapLine(line, "    ") + (more === "" ? "" : `\n${wrapLine(`  ${more}`)}`);
}
