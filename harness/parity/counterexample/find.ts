/**
 * Counterexamples of a run: for every custom norm that fails, the smallest input on which it does.
 *
 * @module
 */
import { drawInputs, type ParityCase } from "../../../fixtures/parity_case.ts";
import { type BackendName, BACKENDS } from "../../backend/registry.ts";
import { useBackend } from "../../backend/active_backend.ts";
import { SCHEMA } from "../../run/record.ts";
import { expectation } from "../expect.ts";
import type { ParityRecord, QuantityRecord } from "../record.ts";
import type { CasePlan } from "../run_case.ts";
import { diagnose } from "./diagnose.ts";
import { arrayShapes, materialized, parityCaseOf, UPSTREAM } from "./given_case.ts";
import { isExplained, kindOf, type Lead, leadsByContender, nextLead } from "./leads.ts";
import type { Counterexample } from "./record.ts";
import { shrink, type Shrunk } from "./shrink.ts";
import type { Suspicion } from "./trial.ts";

/** Counterexamples that a contender has at most on the way through its mistakes. */
const MOST = 3;

/**
 * Shrinks failing cases to the smallest ones, which follow from the records alone.
 *
 * There is one for each cause of a custom norm's failures, as far as the records and the counterexamples
 * tell causes apart, and at most three: first what fails in most cases.
 *
 * @param known The counterexamples that are there already.
 */
export async function* findCounterexamples(
  plans: readonly CasePlan[],
  records: readonly ParityRecord[],
  known: readonly Counterexample[] = [],
): AsyncGenerator<Counterexample> {
  for (const leads of leadsByContender(plans, records)) {
    const { norm, contender } = leads[0]!.record;
    const told = known.filter((each) => each.norm === norm && each.contender === contender);
    const isTold = (lead: Lead, example: Counterexample) =>
      isExplained(lead, example, checkOf(example, records));
    let left = leads.filter((lead) => !told.some((example) => isTold(lead, example)));
    for (let lead; told.length < MOST && (lead = nextLead(left, records)) !== undefined;) {
      const example = await counterexampleOf(lead);
      if (example === undefined || told.some((other) => isSameCause(example, other))) {
        const kind = kindOf(lead);
        left = left.filter((other) => kindOf(other) !== kind);
        continue;
      }
      told.push(example);
      yield example;
      left = left.filter((other) => other !== lead && !isTold(other, example));
    }
  }
}

/** The check in which a counterexample was found. */
function checkOf(
  { backend, contender, found }: Counterexample,
  records: readonly ParityRecord[],
): ParityRecord | undefined {
  return records.find((each) =>
    each.backend === backend && each.contender === contender && each.case.id === found
  );
}

/** Whether two counterexamples show the same mistake, as far as can be seen. */
function isSameCause(a: Counterexample, b: Counterexample): boolean {
  if (a.verdict !== b.verdict) return false;
  if (a.error !== undefined) return textOf(a.error) === textOf(b.error ?? "");
  const suspects = new Set(b.diagnosis?.suspects.map(({ fault }) => fault));
  const needed = ({ quantity, options }: Counterexample) =>
    JSON.stringify([quantity, Object.keys(options).sort()]);
  return needed(a) === needed(b) ||
    (a.diagnosis?.suspects ?? []).some(({ fault }) => suspects.has(fault));
}

/** A message without its numbers. */
function textOf(error: string): string {
  return error.replace(/\d+/g, "#");
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
  { name, upstream }: Pick<QuantityRecord, "name" | "upstream">,
  parityCase: ParityCase,
): Promise<Shrunk | undefined> {
  const { norm } = suspicion;
  const inputs = drawInputs(norm, parityCase, seed);
  const { upstreams } = expectation(norm, parityCase, inputs, seed);
  const { dy } = upstreams.find(({ name }) => name === upstream) ?? upstreams[0]!;
  return await shrink(suspicion, materialized(norm, parityCase, seed, dy), { quantity: name });
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
