/**
 * Looks with the microscope at the custom norms that fail or lose digits, as far as they return their steps.
 *
 * @module
 */
import type { Norm } from "../../norms/basics/norm.ts";
import { usesBatchStatistics } from "../../norms/basics/options.ts";
import { useBackend } from "../backend/active_backend.ts";
import { BACKENDS } from "../backend/registry.ts";
import { SCHEMA } from "../run/record.ts";
import { stepsOf } from "./microscope.ts";
import { answered, type ParityRecord } from "./record.ts";
import type { CasePlan } from "./run_case.ts";
import type { StepsRecord } from "./step_record.ts";
import { VERDICTS } from "./verdict.ts";

interface View {
  readonly plan: CasePlan;
  readonly record: ParityRecord;
}

/**
 * For every such norm the digits after each step, in the case where its error is the largest that is finite.
 *
 * @param isKnown Whether that is recorded already.
 */
export async function* findSteps(
  plans: readonly CasePlan[],
  records: readonly ParityRecord[],
  isKnown: (check: ParityRecord) => boolean = () => false,
): AsyncGenerator<StepsRecord> {
  const plansOf = Map.groupBy(plans, ({ parityCase }) => parityCase.id);
  const views = records.filter(({ role }) => role === "custom").flatMap((record): View[] => {
    const plan = plansOf.get(record.case.id)?.find(({ subjects }) => record.contender in subjects);
    return plan !== undefined && isClear(plan, record) ? [{ plan, record }] : [];
  });
  const groups = Map.groupBy(
    views,
    ({ record }) => JSON.stringify([record.norm, record.contender]),
  );
  for (const group of groups.values()) {
    const { record, plan } = group.reduce((best, view) =>
      compareViews(view, best) < 0 ? view : best
    );
    if (isKnown(record)) continue;
    const found = await look(plan, record);
    if (found !== undefined) yield found;
  }
}

/** Whether its steps are those of the textbook, and what it answers is off by a finite number. */
function isClear(
  { norm, parityCase: { shape, options, storage } }: CasePlan,
  record: ParityRecord,
) {
  const hasStates = norm.inputs(shape, options).some(({ role }) => role === "state");
  return "textbook" in norm && storage === undefined &&
    (!hasStates || usesBatchStatistics(options)) &&
    (record.verdict === "wrong" || record.verdict === "loses digits") && errorOf(record) > 0;
}

function compareViews(a: View, b: View): number {
  return VERDICTS.indexOf(a.record.verdict) - VERDICTS.indexOf(b.record.verdict) ||
    errorOf(b.record) - errorOf(a.record);
}

/** The largest error in budgets; 0 where there is none that is finite. */
function errorOf({ quantities }: ParityRecord): number {
  const ratios = quantities.map(({ answer }) => answered(answer) ? answer.ratio : Infinity);
  return ratios.every(Number.isFinite) ? Math.max(0, ...ratios) : 0;
}

async function look(
  { norm, parityCase, subjects }: CasePlan,
  { backend: name, contender, case: { id, seed } }: ParityRecord,
): Promise<StepsRecord | undefined> {
  const backend = BACKENDS.find((each) => each.name === name)!.name;
  await useBackend(backend);
  const common = { kind: "steps", schema: SCHEMA, backend, norm: norm.name, contender } as const;
  try {
    const once = { ...parityCase, steps: 1 };
    const steps = await stepsOf(norm as Norm, once, subjects[contender]!, backend, seed);
    const isStepped = steps.findIndex(({ step }) => step === "y") > 0;
    return isStepped ? { ...common, case: id, steps } : undefined;
  } catch (error) {
    // Gradients that nobody asked for may throw anything; where they were asked for, the checks say so.
    if (!(error instanceof RangeError)) return undefined;
    return { ...common, case: id, error: error.message };
  }
}
