/**
 * The findings of a training report, question by question.
 *
 * @module
 */
import { type Block, paragraph } from "../../../reports/document.ts";
import type { TrainReport } from "../report/model.ts";
import { HOW_TO_READ, listOf } from "../report/words.ts";
import { ACTIVATION } from "./activation_finding.ts";
import { BATCH_SIZE_MATTERS, LAYER_OR_BATCH } from "./batch_size_finding.ts";
import { COST_OF_NORMS } from "./cost_finding.ts";
import type { Finding, Question } from "./finding.ts";
import { RATE_MATTERS } from "./learning_rate_finding.ts";
import { NOTEBOOK } from "./notebook_finding.ts";
import { PLACEMENT_MATTERS } from "./placement_finding.ts";
import { SCALE_MATTERS } from "./weight_scale_finding.ts";
import { WHICH_NORM } from "./which_norm_finding.ts";

const QUESTIONS: readonly Question[] = [
  WHICH_NORM,
  COST_OF_NORMS,
  PLACEMENT_MATTERS,
  ACTIVATION,
  LAYER_OR_BATCH,
  BATCH_SIZE_MATTERS,
  SCALE_MATTERS,
  RATE_MATTERS,
  NOTEBOOK,
];

/** The answers that these records give; a question that they do not touch is left out. */
export function findFindings(report: TrainReport): Finding[] {
  return QUESTIONS.map(({ question, answer }) => ({ question, ...answer(report) }))
    .filter(({ measured }) => measured.length > 0);
}

/** Findings as they stand in the report, and what was not asked. */
export function findingBlocks(report: TrainReport): Block[] {
  const findings = findFindings(report);
  const open = QUESTIONS.filter(({ question }) =>
    !findings.some((finding) => finding.question === question)
  );
  return [
    ...(findings.length > 0 ? [paragraph(HOW_TO_READ)] : []),
    ...findings.flatMap(blocksOf),
    ...(open.length > 0 ? [paragraph(openSentence(open), "Not answered by these records.")] : []),
  ];
}

function blocksOf({ question, measured, papers, verdicts }: Finding): Block[] {
  return [
    { kind: "heading", text: question },
    paragraph("", "These records:"),
    { kind: "list", items: measured },
    ...papers.map((text, index) => paragraph(text, index === 0 ? "The papers:" : undefined)),
    ...(verdicts.length > 0
      ? [paragraph("", "Held against each other:"), { kind: "list", items: verdicts } as const]
      : []),
  ];
}

function openSentence(open: readonly Question[]): string {
  const suites = [...new Set(open.flatMap((each) => each.suites))];
  const questions = open.map(({ question }) => `“${question}”`);
  return `${questions.join(" ")} They need finished trials of ${listOf(suites)}.`;
}
