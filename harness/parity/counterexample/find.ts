/**
 * Counterexamples of a run: for every custom norm that fails, the smallest input on which it does.
 *
 * @module
 */
import { drawInputs, type ParityCase } from "../../../fixtures/parity_case.ts";
import { size } from "../../../norms/basics/shape.ts";
import { type BackendName, BACKENDS } from "../../backend/registry.ts";
import { useBackend } from "../../backend/active_backend.ts";
import { SCHEMA } from "../../run/record.ts";
import { expectation } from "../expect.ts";
import type { ParityRecord, QuantityRecord } from "../record.ts";
import type { CasePlan } from "../run_case.ts";
import { fails, VERDICTS } from "../verdict.ts";
import { diagnose } from "./diagnose.ts";
import { arrayShapes, materialized, parityCaseOf, UPSTREAM } from "./given_case.ts";
import type { Counterexample } from "./record.ts";
import { shrink, type Shrunk } from "./shrink.ts";
import type { Suspicion } from "./trial.ts";

/** A failing check, and the quantity that a counterexample is looked for in. */
interface Lead {
  readonly plan: CasePlan;
  readonly record: ParityRecord;
  readonly quantity: QuantityRecord;
}

/**
 * Shrinks failing cases to the smallest ones, which follow from the records alone.
 *
 * There is one for every custom norm and verdict, on the first backend that has it, so that the same mistake
 * is told once.
 *
 * @param isKnown Whether the counterexample of a check with this verdict is there already.
 */
export async function* findCounterexamples(
  plans: readonly CasePlan[],
  records: readonly ParityRecord[],
  isKnown: (check: ParityRecord, verdict: QuantityRecord["verdict"]) => boolean = () => false,
): AsyncGenerator<Counterexample> {
  for (const { plan, record, quantity } of leadsOf(plans, records)) {
    if (isKnown(record, quantity.verdict)) continue;
    const example = await counterexampleOf({ plan, record, quantity });
    if (example !== undefined) yield example;
  }
}

/** For every custom norm and verdict the failing check to begin with. */
function leadsOf(plans: readonly CasePlan[], records: readonly ParityRecord[]): Lead[] {
  const plansOf = Map.groupBy(plans, ({ parityCase }) => parityCase.id);
  const leads = records.filter(({ role }) => role === "custom").flatMap((record) => {
    const [other, ...others] = plansOf.get(record.case.id) ?? [];
    // Norms whose quantities are not judged alike have a plan each; kernels of a backend are in any.
    const plan = others.find(({ subjects }) => Object.hasOwn(subjects, record.contender)) ?? other;
    if (plan === undefined) return [];
    return record.quantities.filter(({ verdict }) => fails(verdict))
      .map((quantity): Lead => ({ plan, record, quantity }));
  });
  const groups = Map.groupBy(
    leads,
    ({ record, quantity }) => JSON.stringify([record.norm, record.contender, quantity.verdict]),
  );
  return [...groups.values()].map((group) => {
    const { backend } = group[0]!.record;
    return group.filter(({ record }) => record.backend === backend).reduce((best, lead) =>
      compareLeads(lead, best) < 0 ? lead : best
    );
  }).toSorted((a, b) =>
    VERDICTS.indexOf(a.quantity.verdict) - VERDICTS.indexOf(b.quantity.verdict)
  );
}

/** What is wrong in `y` comes before what follows from it; small cases before large ones. */
function compareLeads(a: Lead, b: Lead): number {
  return stageOf(a) - stageOf(b) || size(a.record.case.shape) - size(b.record.case.shape);
}

function stageOf({ quantity: { name, upstream } }: Lead): number {
  return name === "y" ? 0 : upstream === undefined ? 1 : 2;
}

async function counterexampleOf(lead: Lead): Promise<Counterexample | undefined> {
  const { plan: { parityCase }, record, quantity } = lead;
  const suspicion = await suspicionOf(lead);
  const shrunk = suspicion && await shrinkCheck(suspicion, record, quantity, parityCase);
  if (shrunk === undefined) return undefined;
  const { given, failed: { quantity: name, got, expected } } = shrunk;
  const diagnosis = got && await diagnose({
    ...suspicion!,
    parityCase: parityCaseOf(given, "counterexample"),
    found: parityCase,
    quantity: name,
    got,
    expected,
    seed: record.case.seed,
  });
  return {
    ...recordOf(suspicion!, record, parityCase.generated, shrunk),
    ...(diagnosis && { diagnosis }),
  };
}

/** The norm of a check, on its backend, which becomes the active one. */
async function suspicionOf({ plan, record }: Lead): Promise<Suspicion | undefined> {
  const backend = BACKENDS.find(({ name }) => name === record.backend)!.name;
  await useBackend(backend);
  const subject = { ...plan.subjects, ...plan.backendSubjects?.() }[record.contender];
  if (subject === undefined) return undefined;
  const { norm, quantities } = plan;
  return { norm, subject, backend, ...(quantities && { quantities }) };
}

/** Shrinks a check, with the upstream gradient that shows best that a quantity fails. */
export async function shrinkCheck(
  suspicion: Suspicion,
  { case: { seed } }: ParityRecord,
  { upstream }: QuantityRecord,
  parityCase: ParityCase,
): Promise<Shrunk | undefined> {
  const { norm } = suspicion;
  const inputs = drawInputs(norm, parityCase, seed);
  const { upstreams } = expectation(norm, parityCase, inputs, seed);
  const { dy } = upstreams.find(({ name }) => name === upstream) ?? upstreams[0]!;
  return await shrink(suspicion, materialized(norm, parityCase, seed, dy));
}

function recordOf(
  { norm, backend }: { readonly norm: Suspicion["norm"]; readonly backend: BackendName },
  { contender, case: { id } }: ParityRecord,
  generated: Counterexample["generated"],
  { given, failed, outputShape }: Shrunk,
): Counterexample {
  const { shape, options, steps, storage, arrays } = given;
  const { expected, got, error, quantity, verdict, stage } = failed;
  const shapes = { ...arrayShapes(norm, given), ...(stage === 2 && { [UPSTREAM]: outputShape }) };
  return {
    kind: "counterexample",
    schema: SCHEMA,
    backend,
    norm: norm.name,
    contender,
    found: id,
    ...(generated && { generated }),
    shape: [...shape],
    options: { ...options },
    steps,
    ...(storage && { storage }),
    inputs: Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        { shape: [...shape], values: [...arrays[name]!] },
      ]),
    ),
    quantity,
    verdict,
    ...(got && { got: [...got] }),
    ...(error !== undefined && { error }),
    expected: { shape: [...expected.shape], values: [...expected.values] },
    budget: [...expected.anyOrder],
  };
}
