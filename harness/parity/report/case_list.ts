/**
 * The cases of a norm in HTML: a line each, which opens to the errors of every quantity.
 *
 * End tags that HTML can do without are left out, since there are thousands of cells.
 *
 * @module
 */
import { escapeHtml } from "../../../reports/escape.ts";
import { formatFloat32, formatNumber, oneLine } from "../../../reports/format.ts";
import { answered, type ErrorSummary, type QuantityRecord, VERDICTS } from "../record.ts";
import type { CaseTally, NormTally } from "./model.ts";
import { caseLine, formatWorst } from "./tables.ts";
import type { Check, RoleTally } from "./tally.ts";
import { formatRatio, VERDICT_MARKS, verdictClass } from "./verdicts.ts";

const HEADINGS = [
  "",
  "",
  "/ budget",
  "max abs",
  "mean abs",
  "max rel",
  "mean rel",
  "max ULP",
  "mean ULP",
  "worst at",
  "got",
  "expected",
  "from reference",
];

/** Cases of a norm whose errors are listed: a page with those of thousands would take a browser minutes. */
const MOST_OPEN = 500;

export function caseList({ cases }: NormTally, most: number = MOST_OPEN): string {
  const headings = ["", "case", "shows", "custom", "reference"];
  // Those that are not right first; they stay where they are in the list.
  const worst = cases.toSorted((a, b) => severity(b) - severity(a));
  const open = new Set(worst.slice(0, most));
  const others = open.size === cases.length
    ? ""
    : ` The errors of ${open.size} of ${cases.length} cases are listed, the worst verdicts first; ` +
      "<code>records.jsonl</code> has them all.";
  return `<p class="muted">Worst error / budget over all checks. Open a case to see all errors.` +
    `${others}</p>\n` +
    `<div class="heads">${headings.map((each) => `<span>${each}</span>`).join("")}</div>\n` +
    cases.map((each) => caseDetails(each, open.has(each))).join("\n");
}

function severity({ custom, reference }: CaseTally): number {
  const rank = ({ verdict }: RoleTally) =>
    verdict === null ? 0 : VERDICTS.length - VERDICTS.indexOf(verdict);
  return rank(custom) * VERDICTS.length + rank(reference);
}

function caseDetails(each: CaseTally, isOpen: boolean): string {
  const { label, custom, reference, anchor } = each;
  const verdict = custom.verdict ?? "not judged";
  const line = [
    `<span class="${verdictClass(verdict)}" title="${verdict}">${VERDICT_MARKS[verdict]}</span>`,
    `<span>${escapeHtml(label)}</span>`,
    `<span class="muted">${escapeHtml(oneLine(each.case.about))}</span>`,
    `<span>${formatWorst(custom)}</span>`,
    `<span>${referenceMark(reference)}</span>`,
  ];
  return `<details class="case" id="${anchor}"><summary>${line.join("")}</summary>` +
    `<p class="muted">${escapeHtml(caseLine(each))}</p>${isOpen ? errorTable(each) : ""}</details>`;
}

/** Worst error and verdict of the references. */
function referenceMark(reference: RoleTally): string {
  const { verdict } = reference;
  if (verdict === null) return "–";
  const mark = `<span class="${verdictClass(verdict)}" title="${verdict}">${
    VERDICT_MARKS[verdict]
  }</span>`;
  return `${formatWorst(reference)} ${mark}`;
}

function errorTable({ checks }: CaseTally): string {
  const heads = HEADINGS.map((heading, index) => `<th${index > 1 ? ' class="n"' : ""}>${heading}`);
  const sites = Map.groupBy(checks, ({ site }) => site);
  const bodies = [...sites].map(([site, members]) =>
    `<tbody><tr><th colspan="${HEADINGS.length}">${escapeHtml(site.label)}` +
    rowsOf(members).join("")
  );
  return `<div class="scroll"><table class="errors"><thead><tr>${heads.join("")}${
    bodies.join("\n")
  }</table></div>`;
}

/** The rows of a site by quantity, custom norms first. */
function rowsOf(checks: readonly Check[]): string[] {
  const entries = checks.flatMap(({ record: { contender, quantities } }) =>
    quantities.map((quantity) => ({ contender, quantity }))
  );
  return [...Map.groupBy(entries, ({ quantity }) => quantity.name)].flatMap(([name, members]) =>
    members.map(({ contender, quantity }, index) =>
      tableRow(index === 0 ? name : "", contender, quantity)
    )
  );
}

function tableRow(heading: string, contender: string, quantity: QuantityRecord): string {
  const { answer, upstream } = quantity;
  const cells = answered(answer)
    ? errorCells(answer, quantity)
    : [`<td colspan="${HEADINGS.length - 2}">${escapeHtml(oneLine(answer.error))}`];
  const title = upstream === undefined ? "" : ` title="upstream ${escapeHtml(upstream)}"`;
  return `<tr><td>${escapeHtml(heading)}<td${title}>${escapeHtml(contender)}${cells.join("")}`;
}

function errorCells(error: ErrorSummary, { verdict, differences }: QuantityRecord): string[] {
  const { ratio, worst } = error;
  const class_ = ratio <= 1 ? "" : ` class="${verdictClass(verdict)}" title="${verdict}"`;
  return [
    `<td${class_}>${formatRatio(ratio)}`,
    ...[
      error.maxAbsolute,
      error.meanAbsolute,
      error.maxRelative,
      error.meanRelative,
      error.maxUlp,
      error.meanUlp,
    ].map((value) => `<td>${formatNumber(value)}`),
    `<td>[${worst.index.join(", ")}]`,
    `<td>${formatFloat32(worst.got)}`,
    `<td>${formatFloat32(worst.expected)}`,
    `<td>${Object.values(differences ?? {}).map((each) => formatNumber(each)).join(", ")}`,
  ];
}
