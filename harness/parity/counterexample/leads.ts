/**
 * Which failing checks to begin with: one for each cause, as far as the records tell causes apart.
 *
 * @module
 */
import { size } from "../../../norms/basics/shape.ts";
import { PREDICTION } from "../expect.ts";
import type { ParityRecord, QuantityRecord } from "../record.ts";
import type { CasePlan } from "../run_case.ts";
import { fails, VERDICTS } from "../verdict.ts";
import type { Counterexample } from "./record.ts";

/** A failing check, and the quantity that a counterexample is looked for in. */
export interface Lead {
  readonly plan: CasePlan;
  readonly record: ParityRecord;
  readonly quantity: QuantityRecord;
}

/** The failing checks of each custom norm, less the quantities that follow from others in the same case. */
export function leadsByContender(
  plans: readonly CasePlan[],
  records: readonly ParityRecord[],
): Lead[][] {
  const plansOf = Map.groupBy(plans, ({ parityCase }) => parityCase.id);
  const leads = records.filter(({ role }) => role === "custom").flatMap((record) => {
    const [other, ...others] = plansOf.get(record.case.id) ?? [];
    // Norms whose quantities are not judged alike have a plan each; kernels of a backend are in any.
    const plan = others.find(({ subjects }) => Object.hasOwn(subjects, record.contender)) ?? other;
    if (plan === undefined) return [];
    return causesIn(record).map((quantity): Lead => ({ plan, record, quantity }));
  });
  const groups = Map.groupBy(
    leads,
    ({ record: { norm, contender } }) => JSON.stringify([norm, contender]),
  );
  const worst = (group: readonly Lead[]) => Math.min(...group.map(gravity));
  return [...groups.values()].toSorted((a, b) => worst(a) - worst(b));
}

function causesIn({ quantities }: ParityRecord): QuantityRecord[] {
  const failing = quantities.filter(({ verdict }) => fails(verdict));
  return failing.filter((quantity) =>
    !failing.some((other) => other.verdict === quantity.verdict && follows(quantity, other))
  );
}

/** Whether an error in one quantity may be nothing but an error in another. */
function follows({ name, upstream }: QuantityRecord, from: QuantityRecord): boolean {
  if (name === "y") return false;
  if (from.name === "y") return true;
  return upstream === undefined && name === PREDICTION && stageOf(from) === 1 &&
    from.name !== PREDICTION;
}

/** 0 for `y`, 1 for states and a prediction, 2 for gradients. */
function stageOf({ name, upstream }: QuantityRecord): number {
  return name === "y" ? 0 : upstream === undefined ? 1 : 2;
}

function gravity({ quantity: { verdict } }: Lead): number {
  return VERDICTS.indexOf(verdict);
}

/**
 * The check to look at next: of the quantity that fails in most cases, with the fewest options that are rare
 * among the norm's cases, and then the smallest, on the first backend that has it.
 */
export function nextLead(
  leads: readonly Lead[],
  records: readonly ParityRecord[],
): Lead | undefined {
  const groups = [...Map.groupBy(leads, kindOf).values()];
  const [most] = groups.toSorted((a, b) =>
    b.length - a.length || gravity(a[0]!) - gravity(b[0]!) ||
    stageOf(a[0]!.quantity) - stageOf(b[0]!.quantity)
  );
  if (most === undefined) return undefined;
  const { norm, contender, backend } = most[0]!.record;
  const own = records.filter((each) => each.norm === norm && each.contender === contender);
  const counts = new Map<string, number>();
  for (const key of own.flatMap(optionKeys)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const rare = ({ record }: Lead) =>
    optionKeys(record).filter((key) => 2 * counts.get(key)! < own.length).length;
  return most.filter(({ record }) => record.backend === backend).reduce((best, lead) =>
    (rare(lead) - rare(best) || size(lead.record.case.shape) - size(best.record.case.shape)) < 0
      ? lead
      : best
  );
}

/** Checks that are counted together. */
export function kindOf({ quantity: { name, verdict } }: Lead): string {
  return JSON.stringify([verdict, name]);
}

/** The options of a case, numbers and lists by their names alone, and what it is stored as. */
function optionKeys({ case: { options, storage } }: ParityRecord): string[] {
  return [
    ...Object.entries(options).map(([name, value]) =>
      typeof value === "boolean" || typeof value === "string" ? `${name}=${value}` : name
    ),
    ...(storage === undefined ? [] : [`stored as ${storage}`]),
  ];
}

/**
 * Whether the mistake that a counterexample shows may be all that is wrong with a check: its case has the
 * options that the mistake needs, and its quantity was off beside the example's, or follows from it.
 *
 * @param found The check in which the counterexample was found.
 */
export function isExplained(
  { record, quantity }: Lead,
  example: Pick<Counterexample, "options" | "quantity" | "verdict">,
  found: Pick<ParityRecord, "quantities"> | undefined,
): boolean {
  if (quantity.verdict !== example.verdict) return false;
  const given: Readonly<Record<string, unknown>> = record.case.options;
  const hasOptions = Object.entries(example.options).every(([name, value]) =>
    Object.hasOwn(given, name) && (typeof value !== "boolean" || given[name] === value)
  );
  if (!hasOptions) return false;
  if (example.quantity === "y" || quantity.name === example.quantity) return true;
  const shown = found?.quantities.find(({ name }) => name === example.quantity);
  return shown !== undefined && stageOf(shown) === stageOf(quantity) &&
    (found!.quantities.some(({ name, verdict }) =>
      name === quantity.name && verdict === quantity.verdict
    ) || quantity.name === PREDICTION);
}
