/**
 * What a parity report says, before it is written as text, Markdown, HTML or figures.
 *
 * Everything that more than one kind of report needs is worked out here, once, from the records.
 *
 * @module
 */
import type { Headline } from "../../../reports/document.ts";
import { uniqueSlugs } from "../../../reports/escape.ts";
import type { MissingRecord } from "../../run/record.ts";
import { locate, type Located, type Site } from "../../run/report.ts";
import { mergeRecords, type Run, splitRuns } from "../../run/runs.ts";
import {
  type CaseRecord,
  type Counterexample,
  PARITY_KINDS,
  type ParityResultRecord,
  type ParityRunRecord,
  type StepsRecord,
} from "../record.ts";
import { findFindings, type Finding } from "./findings.ts";
import { type Check, type Tally, tally, writeHeadline } from "./tally.ts";

export interface Cell extends Tally {
  readonly norm: string;
  readonly site: Site;
}

export interface CaseTally extends Tally {
  readonly case: CaseRecord;
  /** The case's name within its norm. */
  readonly label: string;
  readonly anchor: string;
}

export interface NormTally extends Tally {
  readonly norm: string;
  /** The norm's name as it can stand in a file name. */
  readonly slug: string;
  readonly cases: readonly CaseTally[];
}

export interface ParityReport extends Tally {
  readonly headline: Headline;
  readonly runs: readonly Run[];
  readonly sites: readonly Site[];
  readonly missing: readonly MissingRecord[];
  /** By norm, then by site. */
  readonly cells: readonly Cell[];
  readonly findings: readonly Finding[];
  readonly norms: readonly NormTally[];
  /** The digits after each step of norms that return them. */
  readonly steps: readonly Located<StepsRecord>[];
  /** The smallest failing inputs. */
  readonly counterexamples: readonly Located<Counterexample>[];
}

/** Works out a report from the records of one or more runs; `TypeError` if they have no header. */
export function modelParity(records: readonly ParityRunRecord[]): ParityReport {
  const runs = splitRuns<ParityResultRecord>(mergeRecords([records], PARITY_KINDS));
  const checks = locate(runs, "parity");
  const missing = runs.flatMap((run) => run.missing);
  const norms = tallyNorms(checks);
  const total = tally(checks);
  return {
    ...total,
    headline: writeHeadline(total, missing.length),
    runs,
    sites: [...new Set(checks.map(({ site }) => site))],
    missing,
    cells: norms.flatMap(tallyCells),
    findings: findFindings(norms.flatMap((norm) => norm.checks)),
    norms,
    steps: locate(runs, "steps"),
    counterexamples: locate(runs, "counterexample"),
  };
}

function tallyCells({ norm, checks }: NormTally): Cell[] {
  const groups = Map.groupBy(checks, ({ site }) => site);
  return [...groups].map(([site, members]) => ({ norm, site, ...tally(members) }));
}

function tallyNorms(checks: readonly Check[]): NormTally[] {
  const groups = Map.groupBy(checks, ({ record }) => record.norm);
  const slugs = uniqueSlugs([...groups.keys()]);
  return [...groups].map(([norm, members], index) => {
    const slug = slugs[index]!;
    return { norm, slug, cases: tallyCases(norm, slug, members), ...tally(members) };
  });
}

function tallyCases(norm: string, slug: string, checks: readonly Check[]): CaseTally[] {
  const groups = Map.groupBy(checks, ({ record }) => record.case.id);
  return [...groups].map(([id, members], index) => ({
    case: members[0]!.record.case,
    label: id.startsWith(`${norm}/`) ? id.slice(norm.length + 1) : id,
    // The id, so that others can link to a case: `#batch/frozen`.
    anchor: id.startsWith(`${norm}/`) && /^[\w./-]+$/.test(id) ? id : `${slug}-${index + 1}`,
    ...tally(members),
  }));
}
