/**
 * Findings: a question, what the records say, what the papers say, and whether the two agree.
 *
 * Every sentence about the records is computed from them. What a paper says is fixed; whether the records
 * support it is not.
 */
import { type Block, paragraph, tableBlocks } from "../../../reports/document.ts";
import { count } from "../../../reports/format.ts";
import type { Table } from "../../../reports/table.ts";
import { type Contrast, winner } from "./contrasts.ts";
import type { Measure } from "./measures.ts";
import { testedIn, type TrainReport } from "./model.ts";
import { HOW_TO_READ, listOf } from "./words.ts";

export interface Claim {
  readonly says: string;
  /** The outcome of each comparison if it holds here too. */
  readonly expects: "gain" | "loss" | "no loss";
  readonly measure: Measure;
  /** The question whose comparisons decide it; the finding's first where it is left out. */
  readonly from?: string;
  select(contrasts: readonly Contrast[]): readonly Contrast[];
}

export interface Finding {
  readonly question: string;
  /** Names of the questions whose records answer it; without any of them it stays open. */
  readonly from: readonly string[];
  /** What the records show, in sentences; without any the question stays open. */
  measured(report: TrainReport): readonly string[];
  tables?(report: TrainReport): readonly Table[];
  /** What the papers say, in our words, and reasoning that needs no record. */
  readonly papers: readonly string[];
  readonly claims: readonly Claim[];
}

export interface Answer {
  readonly finding: Finding;
  readonly measured: readonly string[];
  readonly verdicts: readonly string[];
}

export function answer(findings: readonly Finding[], report: TrainReport): Answer[] {
  return findings.map((finding) => ({
    finding,
    measured: finding.measured(report),
    verdicts: finding.claims.flatMap((claim) => verdictOn(claim, finding, report)),
  })).filter(({ measured }) => measured.length > 0);
}

export function findingBlocks(findings: readonly Finding[], report: TrainReport): Block[] {
  const answers = answer(findings, report);
  const open = findings.filter((each) => !answers.some(({ finding }) => finding === each));
  const questions = open.map(({ question }) => `“${question}”`).join(" ");
  const needed = listOf([...new Set(open.flatMap(({ from }) => from))]);
  const unanswered = `${questions} They need finished trials of ${needed}.`;
  return [
    ...(answers.length > 0 ? [paragraph(HOW_TO_READ)] : []),
    ...answers.flatMap((each) => blocksOf(each, report)),
    ...(open.length > 0 ? [paragraph(unanswered, "Not answered by these records.")] : []),
  ];
}

function blocksOf({ finding, measured, verdicts }: Answer, report: TrainReport): Block[] {
  return [
    { kind: "heading", text: finding.question },
    paragraph("", "These records:"),
    { kind: "list", items: measured },
    ...(finding.tables?.(report) ?? []).flatMap(tableBlocks),
    ...finding.papers.map((text, index) =>
      paragraph(text, index === 0 ? "The papers:" : undefined)
    ),
    ...(verdicts.length > 0
      ? [paragraph("", "Our results and the papers:"), { kind: "list", items: verdicts } as const]
      : []),
  ];
}

type Verdict = "supported" | "contradicted" | "undecided";

const VERDICTS: readonly Verdict[] = ["supported", "contradicted", "undecided"];

/** Judges a claim by the records; silent where nothing bears on it. */
function verdictOn(
  { says, expects, measure, from, select }: Claim,
  finding: Finding,
  report: TrainReport,
): string[] {
  const contrasts = select(testedIn(report, from ?? finding.from[0]!, measure));
  if (contrasts.length === 0) return [];
  const parts = Map.groupBy(contrasts, (each) => verdictBy(each, expects));
  const whole = contrasts.length;
  const share = (some: readonly Contrast[]) =>
    some.length === whole
      ? ["the one comparison made", "both comparisons"][whole - 1] ?? `all ${whole} comparisons`
      : `${some.length} of ${count(whole, "comparison")}${named(some)}`;
  const sentences = VERDICTS.flatMap((verdict) => {
    const part = parts.get(verdict) ?? [];
    return part.length > 0 ? [`${verdict} in ${share(part)}`] : [];
  });
  const meaning = expects === "no loss"
    ? " (supported if its 95\u00a0% interval excludes a loss of more than a point)"
    : "";
  return [`${says} Here, by ${measure.name}${meaning}: ${sentences.join("; ")}.`];
}

/** A loss of accuracy that counts as none. */
const TOLERATED = 0.01;

function verdictBy(each: Contrast, expects: Claim["expects"]): Verdict {
  const side = winner(each);
  if (expects === "no loss") {
    // That no loss was found does not show that there is none: the interval must exclude one of any size.
    const [low, high] = each.found?.interval ?? [-Infinity, Infinity];
    const worst = each.measure.better === "higher" ? low : -high;
    if (worst > -TOLERATED) return "supported";
    return side < 0 ? "contradicted" : "undecided";
  }
  if (side === 0) return "undecided";
  return (side > 0) === (expects === "gain") ? "supported" : "contradicted";
}

/** More comparisons than this are counted and not named. */
const NAMED = 4;

function named(contrasts: readonly Contrast[]): string {
  if (contrasts.length > NAMED) return "";
  return ` (${
    listOf(contrasts.map(({ panel, arm, base }) =>
      `${panel.label}: ${arm.label} against ${base.label}`
    ))
  })`;
}
