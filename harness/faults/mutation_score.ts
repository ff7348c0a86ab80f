/**
 * The mutation score: how many planted faults the harness catches.
 *
 * A tolerance that is wide enough lets every norm pass. So norms that are wrong on purpose go through the
 * same cases, comparison and verdict as the others. The textbook norms without a fault must pass.
 *
 * @module
 */
import type { Control, Fault } from "../../fixtures/faults/registry.ts";
import type { ParityCase } from "../../fixtures/parity_case.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { size } from "../../norms/basics/shape.ts";
import { MOST_AXES } from "../../norms/basics/view.ts";
import { normByName } from "../../norms/registry.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import {
  answered,
  fails,
  type ParityRecord,
  type QuantityRecord,
  type Verdict,
} from "../parity/record.ts";
import { runCase } from "../parity/run_case.ts";

/** It accumulates in doubles and rounds once: what is caught is the fault, not the backend. */
const BACKEND = "cpu";

/** The error, in budgets, from which what is wrong is clear and no further case is looked for. */
const CLEAR = 10;

export interface Catch {
  readonly caseId: string;
  readonly quantity: string;
  readonly verdict: Verdict;
  /** Error in budgets, above 1: of any order of operations for what is wrong, else of careful ones. */
  readonly ratio: number;
}

/** Whether one catch says more than another. */
export function isStronger(a: Catch, b: Catch | undefined): boolean {
  if (b === undefined || fails(a.verdict) !== fails(b.verdict)) {
    return b === undefined || fails(a.verdict);
  }
  return a.ratio > b.ratio;
}

function isClear(found: Catch | undefined): boolean {
  return found !== undefined && fails(found.verdict) && found.ratio >= CLEAR;
}

export interface FaultScore {
  readonly fault: Fault;
  /** The strongest catch up to the first clear one; undefined if no case catches it. */
  readonly caught: Catch | undefined;
}

export interface ControlScore {
  readonly control: Control;
  readonly cases: number;
  /** Cases that exceed float32's range in the textbook's formula; faults are not judged there. */
  readonly beyond: readonly Catch[];
}

export interface MutationScore {
  readonly faults: readonly FaultScore[];
  readonly controls: readonly ControlScore[];
}

/** Largest number of elements in a case, so that all faults together take a moment. */
const SMALL = 2 ** 15;

/** The cases of a full run, except the largest. */
export function faultCases(norm: string): ParityCase[] {
  return parityCases(norm, "full").filter(({ shape }) => size(shape) <= SMALL);
}

/**
 * The cases of right algorithms: those that are small, and of no more axes than every backend takes, since
 * textbooks leave data in the axes that they have.
 */
export function rightCases(norm: string): ParityCase[] {
  return faultCases(norm).filter(({ shape }) => size(shape) <= 2 ** 13 && shape.length < MOST_AXES);
}

/** Sends faults and controls through the cases of their norms, on the cpu backend. */
export async function mutationScore(
  faults: readonly Fault[],
  controls: readonly Control[],
  casesOf: (norm: string) => readonly ParityCase[],
  seed: number,
): Promise<MutationScore> {
  const norms = [...new Set([...faults, ...controls].map(({ norm }) => norm))];
  const scores: MutationScore[] = [];
  for (const norm of norms) {
    const ofNorm = (candidate: Fault | Control) => candidate.norm === norm;
    scores.push(
      await scoreNorm(norm, faults.filter(ofNorm), controls.filter(ofNorm), casesOf(norm), seed),
    );
  }
  return {
    faults: scores.flatMap((score) => score.faults),
    controls: scores.flatMap((score) => score.controls),
  };
}

async function scoreNorm(
  name: string,
  faults: readonly Fault[],
  controls: readonly Control[],
  cases: readonly ParityCase[],
  seed: number,
): Promise<MutationScore> {
  const norm = normByName(name);
  const caught = new Map<string, Catch>();
  const beyond = new Map<string, Catch[]>();
  for (const parityCase of cases) {
    const uncaught = faults.filter((fault) => !isClear(caught.get(fault.name)));
    const subjects = subjectsOf([...controls, ...uncaught]);
    const records = await runCase({ norm, parityCase, subjects, references: {} }, [BACKEND], seed);
    const recordOf = (candidate: Fault | Control) =>
      records.find(({ contender }) => contender === candidate.name)!;
    const sound = new Set(
      recordOf(controls[0]!).quantities.filter(isUnnoticed).map((quantity) => quantity.name),
    );
    const isCaught = ({ name, verdict }: QuantityRecord) =>
      sound.has(name) && NOTICED.includes(verdict);
    for (const fault of uncaught) {
      const found = worst(recordOf(fault), isCaught);
      if (found !== undefined && isStronger(found, caught.get(fault.name))) {
        caught.set(fault.name, found);
      }
    }
    for (const control of controls) {
      const found = worst(recordOf(control), (quantity) => !isUnnoticed(quantity));
      if (found !== undefined) {
        beyond.set(control.name, [...beyond.get(control.name) ?? [], found]);
      }
    }
  }
  return {
    faults: faults.map((fault) => ({ fault, caught: caught.get(fault.name) })),
    controls: controls.map((control) => ({
      control,
      cases: cases.length,
      beyond: beyond.get(control.name) ?? [],
    })),
  };
}

function subjectsOf(candidates: readonly (Fault | Control)[]): Record<string, Subject> {
  return Object.fromEntries(
    candidates.map(({ name, implementation }) => [name, functionSubject(implementation)]),
  );
}

/** The verdicts that catch a fault: not that it threw, nor where the formula itself fails. */
const NOTICED: readonly Verdict[] = ["wrong", "not returned", "loses digits"];

/** Where the textbook is right, so that what is off is the fault's. */
function isUnnoticed({ verdict }: QuantityRecord): boolean {
  return verdict === "right" || verdict === "not judged";
}

/** The strongest of the quantities in question; one without an answer counts as infinitely far off. */
export function worst(
  record: ParityRecord,
  isInQuestion: (quantity: QuantityRecord) => boolean,
): Catch | undefined {
  return record.quantities
    .filter(isInQuestion)
    .map(({ name, answer, verdict }): Catch => ({
      caseId: record.case.id,
      quantity: name,
      verdict,
      ratio: !answered(answer)
        ? Infinity
        : verdict === "wrong"
        ? answer.anyOrderRatio
        : answer.ratio,
    }))
    .reduce<Catch | undefined>((best, found) => isStronger(found, best) ? found : best, undefined);
}
