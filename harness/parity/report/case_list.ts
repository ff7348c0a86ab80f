/**
 * The cases of a norm in HTML: a line each, which opens to the errors of every quantity.
 *
 * End tags that HTML can do without are left out, since there are thousands of cells.
 *
 * @module
 */
import { escapeHtml } from "../../../reports/escape.ts";
import { formatFloat32, formatNumber, oneLine } from "../../../reports/format.ts";
import type { Failure } from "../../run/record.ts";
import { answered, type ErrorSummary } from "../record.ts";
import type { CaseTally, NormTally } from "./model.ts";
import { caseLine, formatReference } from "./tables.ts";
import type { Comparison } from "./tally.ts";
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

export function caseList({ cases }: NormTally): string {
  const headings = ["", "case", "shows", "custom", "reference"];
  return `<p class="muted">Worst error / budget over implementations and backends. Open a case to see all errors.</p>
` +
    `<div class="heads">${headings.map((each) => `<span>${each}</span>`).join("")}</div>\n` +
    cases.map(caseDetails).join("\n");
}

function caseDetails(each: CaseTally): string {
  const { verdict, label, custom, anchor } = each;
  const line = [
    `<span class="${verdictClass(verdict)}" title="${verdict}">${VERDICT_MARKS[verdict]}</span>`,
    `<span>${escapeHtml(label)}</span>`,
    `<span class="muted">${escapeHtml(oneLine(each.case.about))}</span>`,
    `<span>${formatRatio(custom)}</span>`,
    `<span>${formatReference(each)}</span>`,
  ];
  return `<details class="case" id="${anchor}"><summary>${line.join("")}</summary>` +
    `<p class="muted">${escapeHtml(caseLine(each))}</p>${errorTable(each)}</details>`;
}

function errorTable({ comparisons }: CaseTally): string {
  const heads = HEADINGS.map((heading, index) => `<th${index > 1 ? ' class="n"' : ""}>${heading}`);
  const sites = Map.groupBy(comparisons, ({ site }) => site);
  const bodies = [...sites].map(([site, members]) =>
    `<tbody><tr><th colspan="${HEADINGS.length}">${escapeHtml(site.label)}` +
    rowsOf(members).map(tableRow).join("")
  );
  return `<div class="scroll"><table class="errors"><thead><tr>${heads.join("")}${
    bodies.join("\n")
  }</table></div>`;
}

interface Row {
  readonly quantity: string;
  readonly who: string;
  readonly answer: ErrorSummary | Failure;
  /** Of a custom norm, how far it is from each reference. */
  readonly differences: readonly (ErrorSummary | null)[];
}

/** The rows of a site by quantity, custom norms first; what several records repeat has one row. */
function rowsOf(comparisons: readonly Comparison[]): Row[] {
  const entries = comparisons.flatMap(({ record }) =>
    record.quantities.map((quantity) => ({ ...record, quantity }))
  );
  return [...Map.groupBy(entries, ({ quantity }) => quantity.name)].flatMap(([name, members]) => {
    const custom = Map.groupBy(members, ({ implementation }) => implementation);
    const references = Map.groupBy(members, ({ reference }) => reference);
    const rows = [
      ...[...custom].map(([who, group]) => ({
        who,
        answer: group[0]!.quantity.custom,
        differences: group.map(({ quantity }) => quantity.difference),
      })),
      ...[...references].map(([who, group]) => ({
        who,
        answer: group[0]!.quantity.reference,
        differences: [],
      })),
    ];
    return rows.map((row, index) => ({ quantity: index === 0 ? name : "", ...row }));
  });
}

function tableRow({ quantity, who, answer, differences }: Row): string {
  const cells = answered(answer)
    ? errorCells(answer, differences)
    : [`<td colspan="${HEADINGS.length - 2}">${escapeHtml(oneLine(answer.error))}`];
  return `<tr><td>${escapeHtml(quantity)}<td>${escapeHtml(who)}${cells.join("")}`;
}

function errorCells(error: ErrorSummary, differences: Row["differences"]): string[] {
  const { ratio, worst } = error;
  return [
    `<td${ratio <= 1 ? "" : ' class="bad"'}>${formatRatio(ratio)}`,
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
    `<td>${differences.map((each) => each ? formatNumber(each.maxAbsolute) : "–").join(", ")}`,
  ];
}
