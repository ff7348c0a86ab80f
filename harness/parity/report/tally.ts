/**
 * What several checks show together, down to the headline of all of them.
 *
 * @module
 */
import type { Headline } from "../../../reports/document.ts";
import { count } from "../../../reports/format.ts";
import type { Located } from "../../run/report.ts";
import {
  answered,
  fails,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
  VERDICTS,
  worstVerdict,
} from "../record.ts";
import { finiteOrInfinite } from "./verdicts.ts";

/** A custom norm or a reference, on a case, on a backend. */
export type Check = Located<ParityRecord>;

/** The checks of one role, together. */
export interface RoleTally {
  readonly checks: readonly Check[];
  /** The largest error in budgets, of those that answered; `null` where none did. */
  readonly ratio: number | null;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** The worst verdict; `null` without checks. */
  readonly verdict: Verdict | null;
}

export interface Tally {
  readonly checks: readonly Check[];
  readonly custom: RoleTally;
  readonly reference: RoleTally;
}

export function tally(checks: readonly Check[]): Tally {
  const ofRole = (role: ParityRecord["role"]) =>
    tallyRole(checks.filter(({ record }) => record.role === role));
  return { checks, custom: ofRole("custom"), reference: ofRole("reference") };
}

function tallyRole(checks: readonly Check[]): RoleTally {
  const verdicts = checks.map(({ record }) => record.verdict);
  const counts = Object.fromEntries(
    VERDICTS.map((verdict) => [verdict, verdicts.filter((each) => each === verdict).length]),
  ) as Record<Verdict, number>;
  const ratios = checks.flatMap(({ record }) => answeredRatios(record.quantities));
  return {
    checks,
    ratio: largest(ratios),
    counts,
    verdict: checks.length === 0 ? null : worstVerdict(verdicts),
  };
}

/** The errors of quantities in budgets, of each that was answered. */
export function answeredRatios(quantities: readonly QuantityRecord[]): number[] {
  return quantities.flatMap(({ answer }) => answered(answer) ? [answer.ratio] : []);
}

/** The largest ratio, where NaN counts as infinite; `null` of none. */
export function largest(ratios: readonly number[]): number | null {
  return ratios.reduce<number | null>(
    (most, ratio) => Math.max(most ?? 0, finiteOrInfinite(ratio)),
    null,
  );
}

/** The headline of a report on a run that lacked `missing` things. */
export function writeHeadline({ custom, reference }: Tally, missing: number): Headline {
  const failed = custom.checks.filter(({ record }) => fails(record.verdict)).length;
  const incomplete = missing > 0 || custom.checks.length === 0;
  return {
    tone: failed > 0 ? "failed" : incomplete ? "incomplete" : "passed",
    verdict: verdictSentence(custom),
    remarks: [
      ...(missing > 0
        ? [
          `The run is not complete: ${
            missing === 1 ? "one thing it needs is" : `${missing} things it needs are`
          } missing.`,
        ]
        : []),
      ...customSentences(custom),
      ...referenceSentence(reference),
    ],
  };
}

function verdictSentence({ checks }: RoleTally): string {
  if (checks.length === 0) return "Nothing was checked.";
  const blamed = checks.map(({ record }) => record).filter(({ verdict }) => fails(verdict));
  if (blamed.length === 0) {
    const allRight = checks.every(({ record }) => record.verdict === "right");
    if (checks.length === 1) {
      return `The custom norm is ${allRight ? "right" : "not wrong"} in the one check made.`;
    }
    return allRight
      ? `Every custom norm is right in all ${checks.length} checks.`
      : `No custom norm is wrong in ${checks.length} checks.`;
  }
  const names = [...Map.groupBy(blamed, ({ norm }) => norm)].map(([norm, records]) =>
    `${norm} (${[...new Set(records.map(({ contender }) => contender))].join(", ")})`
  );
  const kinds = VERDICTS.filter((verdict) => blamed.some((each) => each.verdict === verdict));
  const what = kinds.map((verdict) => VERDICT_IN_HEADLINE[verdict] ?? verdict).join(" or ");
  const share = `${blamed.length} of ${count(checks.length, "check")}`;
  return `${what[0]!.toUpperCase()}${what.slice(1)} in ${share}: ${names.join(", ")}.`;
}

const VERDICT_IN_HEADLINE: Readonly<Partial<Record<Verdict, string>>> = {
  "not returned": "running statistics not returned",
};

/** What else is to be said of the custom norms. */
function customSentences({ counts, checks }: RoleTally): string[] {
  const others = (["out of range", "loses digits", "not judged"] as const)
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${verdict} in ${counts[verdict]}`);
  if (others.length === 0) return [];
  return [`Of ${count(checks.length, "check")}: right in ${counts.right}, ${others.join(", ")}.`];
}

const IN_SENTENCE = {
  "wrong": "is wrong",
  "cannot run": "cannot run",
  "out of range": "is out of range",
  "loses digits": "loses digits",
} as const;

/** How often each reference was wrong, and in what, or could not run: that accuses no custom norm. */
function referenceSentence({ checks }: RoleTally): string[] {
  const clauses = [...Map.groupBy(checks, ({ record }) => record.contender)].flatMap(
    ([reference, members]) => {
      const records = members.map(({ record }) => record);
      const faults = (Object.keys(IN_SENTENCE) as (keyof typeof IN_SENTENCE)[]).flatMap(
        (verdict) => {
          const times = records.filter((record) => record.verdict === verdict).length;
          return times === 0 ? [] : [`${IN_SENTENCE[verdict]} in ${times}`];
        },
      );
      if (faults.length === 0) return [];
      const list = faults.length === 1
        ? faults[0]!
        : `${faults.slice(0, -1).join(", ")} and ${faults.at(-1)}`;
      const wrong = records.filter(({ verdict }) => verdict === "wrong");
      const what = wrong.length === 0 ? "" : ` (wrong in ${whatIsWrong(wrong)})`;
      return [`${reference} ${list} of ${count(members.length, "check")}${what}`];
    },
  );
  return clauses.length === 0 ? [] : [`Of the references, ${clauses.join("; ")}.`];
}

/** The quantities that are wrong, by norm: `layer: dgamma, dbeta, stored in 16 bits`. */
function whatIsWrong(records: readonly ParityRecord[]): string {
  const ofNorms = [...Map.groupBy(records, ({ norm }) => norm)].map(([norm, found]) => {
    const wrong = found.flatMap(({ quantities }) => quantities)
      .filter(({ verdict }) => verdict === "wrong");
    return `${norm}: ${[...new Set(wrong.map(({ name }) => name))].join(", ")}`;
  });
  const types = new Set(records.map((record) => record.case.storage));
  const stored = types.has(undefined) ? "" : `, stored as ${[...types].sort().join(" and ")}`;
  return `${ofNorms.join("; ")}${stored}`;
}
