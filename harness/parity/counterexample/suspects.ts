/**
 * Suspects: planted faults that answer as a norm does, where that is wrong.
 *
 * A fault explains an answer if it is as far from the answer as rounding makes it, or further by no more
 * than a small part of the answer's own error; and that in every quantity, those that are right among
 * them. What rounding makes of a fault is not what the oracle allows for the right formula: a fault that
 * divides by nearly nothing passes on every rounding. It is measured, by evaluating the fault once more on
 * inputs that are off by one unit in the last place.
 *
 * @module
 */
import { STANDARD } from "../../../fixtures/cases/row.ts";
import { type Fault, plantFaults } from "../../../fixtures/faults/registry.ts";
import { drawInputs, type ParityCase } from "../../../fixtures/parity_case.ts";
import { parityCases } from "../../../fixtures/parity_cases.ts";
import { size } from "../../../norms/basics/shape.ts";
import { breathe } from "../../../norms/basics/event_loop.ts";
import type { Operation } from "../../../norms/basics/norm.ts";
import { NORMS } from "../../../norms/registry.ts";
import { type BackendName, backendNamed } from "../../backend/registry.ts";
import { uniformStream } from "../../../norms/basics/random.ts";
import { functionSubject, type Subject } from "../../../norms/basics/subject.ts";
import { unitInLastPlace } from "../../../norms/oracle/arithmetic.ts";
import { type Answer, type Answers, evaluate } from "../evaluate.ts";
import { type Expectation, expectation, type Expected } from "../expect.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** A case, what is expected of it, and what the norm in question answers. */
export interface Observation {
  readonly parityCase: ParityCase;
  readonly expected: Expectation;
  readonly answers: Answers;
}

/** Root mean squares over the elements of a quantity, each in units of what rounding may make of it. */
export interface Fit {
  readonly quantity: string;
  /** Of the answer, from what is expected. */
  readonly error: number;
  /** Of the fault, from what is expected. */
  readonly fault: number;
  /** Of the answer, from the fault. */
  readonly residual: number;
}

/** Of a residual, the part of the error that another form of the same fault may leave. */
const SHARE = 0.1;

/** Digits that floats hold. */
const MOST_DIGITS = 7;

/** Beside an answer's own error, how far a fault is from it: above 1 it does not explain the answer. */
function misfit({ error, fault, residual }: Fit): number {
  return residual / (1 + SHARE * Math.max(error, fault));
}

/** Decimal digits of the answer's error that the fault has, too. */
export function digitsOf({ error, residual }: Fit): number {
  if (!(error > residual)) return 0;
  return Math.min(MOST_DIGITS, Math.log10(error / residual));
}

/** What a fault answers, and what for inputs that are off by a unit in the last place. */
export interface FaultAnswers {
  readonly plain: Answers;
  readonly shaken: readonly Answers[];
}

async function answersOfFault(
  { implementation, isInexact }: Pick<Fault, "implementation" | "isInexact">,
  { parityCase, expected }: Pick<Observation, "parityCase" | "expected">,
  plain: Answers,
): Promise<FaultAnswers> {
  const subject = functionSubject(implementation) as Subject;
  const shaken: Answers[] = [];
  for (let i = 0; i < (isInexact ? SHAKES : 1); i++) {
    shaken.push(await evaluate(subject, parityCase, shake(expected, `shake ${i}`)));
  }
  return { plain, shaken };
}

/** The same inputs, each element of the data off by about a unit in its last place. */
function shake(expected: Expectation, seed: string): Expectation {
  const uniform = uniformStream(seed);
  const off = (x: Float32Array) => x.map((value) => value * (uniform() < 0.5 ? 1 - EPS : 1 + EPS));
  const { inputs } = expected;
  const batches = inputs.batches.map(off);
  const values = Object.fromEntries(
    inputs.specs.map(({ name, role, initializer }) => {
      // A kernel is what a norm of weights normalizes.
      const value = initializer === "randomNormal"
        ? off(inputs.values[name]!)
        : inputs.values[name]!;
      return [name, role === "data" ? batches[0]! : value];
    }),
  );
  return { ...expected, inputs: { ...inputs, values, batches } };
}

const EPS = 2 ** -23;

/** How often the inputs of a fault are shaken whose errors are rounding errors. */
const SHAKES = 4;

/** How often what a shaken input changes is what rounding within the formula may. */
const SHAKEN = 4;

/** How the fault fits, for every quantity of which the norm or the fault has an error. */
export function fits(
  { expected, answers }: Observation,
  { plain, shaken }: FaultAnswers,
): Fit[] {
  const outputs = Object.entries(expected.outputs).map(([name, of]): [string, Part[]] => [
    name,
    [{
      of,
      got: answers.outputs[name],
      fault: plain.outputs[name],
      shaken: shaken.map(({ outputs }) => outputs[name]),
    }],
  ]);
  const gradients = Object.keys(expected.upstreams[0]?.gradients ?? {}).map((
    name,
  ): [string, Part[]] => [
    name,
    expected.upstreams.map(({ gradients }, i) => ({
      of: gradients[name]!,
      got: answers.gradients[i]?.[name],
      fault: plain.gradients[i]?.[name],
      shaken: shaken.map(({ gradients }) => gradients[i]?.[name]),
    })),
  ]);
  return [...outputs, ...gradients].map(([quantity, parts]) => fitOf(quantity, parts));
}

interface Part {
  readonly of: Expected;
  readonly got: Answer | undefined;
  readonly fault: Answer | undefined;
  readonly shaken: readonly (Answer | undefined)[];
}

function fitOf(quantity: string, parts: readonly Part[]): Fit {
  let [error, fault, residual, count] = [0, 0, 0, 0];
  for (const { of: { bounded }, ...answers } of parts) {
    const { values, anyOrder, outOfRange, arithmetic } = bounded;
    const [got, theirs, ...shaken] = [answers.got, answers.fault, ...answers.shaken].map((answer) =>
      answer instanceof Float32Array ? answer : undefined
    );
    if (got === undefined || theirs === undefined) {
      // That something is missing is an error that only what misses it explains.
      if ((got === undefined) === (theirs === undefined)) continue;
      return { quantity, error: got ? 0 : MOST, fault: got ? MOST : 0, residual: MOST };
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (outOfRange?.[i] || (!Number.isFinite(value) && !arithmetic.keepsNonFinite)) continue;
      const budget = anyOrder[i]!;
      if (budget === Infinity) continue;
      let noise = 0;
      for (const each of shaken) noise = Math.max(noise, distance(theirs[i]!, each?.[i] ?? NaN));
      if (noise === Infinity) continue;
      const least = Number.isFinite(value) ? unitInLastPlace(value) : 1;
      const unit = budget + least + SHAKEN * noise;
      error += Math.min(MOST, distance(got[i]!, value) / unit) ** 2;
      fault += Math.min(MOST, distance(theirs[i]!, value) / unit) ** 2;
      residual += Math.min(MOST, distance(got[i]!, theirs[i]!) / unit) ** 2;
      count++;
    }
  }
  const root = (sum: number) => count === 0 ? 0 : Math.sqrt(sum / count);
  return { quantity, error: root(error), fault: root(fault), residual: root(residual) };
}

/** Stands for a NaN where there should be a number. */
const MOST = 1e15;

/** |a - b|; what is not finite is alike. */
function distance(a: number, b: number): number {
  if (a === b || (!Number.isFinite(a) && !Number.isFinite(b))) return 0;
  return Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) : Infinity;
}

/** Whose mistake is looked for, and where. */
interface Search {
  readonly norm: Operation;
  readonly found?: ParityCase;
  readonly backend: BackendName;
  readonly quantity: string;
  readonly subject: Subject;
  readonly quantities?: readonly string[];
  readonly seed?: number;
}

/** A fault in one of its forms, and what is known of it so far. */
interface Candidate {
  readonly fault: Fault;
  /** How it fits the example. */
  readonly example: readonly Fit[];
  /** Cases in which it has the norm's error. */
  confirmed: number;
  /** Cases in which it has not. */
  refuted: number;
  /** Sum of misfits, and how many. */
  total: number;
  count: number;
}

/** The planted faults that nothing tells from the norm, and in how many further cases the first has its error. */
export async function findSuspects(
  search: Search,
  example: Observation,
): Promise<Pick<Diagnosis, "suspects" | "confirmed"> & { readonly planted: number }> {
  const norm = NORMS.find(({ name }) => name === search.norm.name);
  if (norm === undefined) return { suspects: [], confirmed: 0, planted: 0 };
  // Who derives the gradient by hand differentiates another formula than the tape does.
  const forms = plantFaults(norm).map((fault) => [fault] as Fault[]);
  plantFaults(norm, { byHand: true }).forEach((fault, i) => forms[i]!.push(fault));
  const { quantities } = search;
  const all = ({ quantity }: Fit) => quantities?.includes(quantity) ?? true;
  const candidates: Candidate[] = [];
  const partial: Candidate[] = [];
  for (const form of forms) {
    // All forms of a fault have the same outputs.
    const forward = (await fitOfPart(form[0]!, forwardOf(example))).filter(all);
    for (const fault of form) {
      const fits = await fitOfFault(fault, example, all, forward);
      const candidate = { fault, example: fits, confirmed: 0, refuted: 0, total: 0, count: 0 };
      if (fits.every((fit) => misfit(fit) <= 1)) candidates.push(candidate);
      else if (fits.some((fit) => fit.quantity === search.quantity && explains(fit))) {
        partial.push(candidate);
      }
    }
    await breathe();
  }
  const whole = await narrowDown(search, example, candidates, all);
  const { kept, of } = whole.length > 0
    ? { kept: whole, of: all }
    : { kept: await narrowDown(search, example, partial, onlyOf(search)), of: onlyOf(search) };
  return {
    suspects: kept.map(({ fault: { name, about }, example }) => ({
      fault: name,
      about,
      digits: digits(example.filter(of), search.quantity),
      ...(whole.length === 0 && {
        explains: example.filter(explains).map(({ quantity }) => quantity),
      }),
    })),
    confirmed: kept[0]?.confirmed ?? 0,
    planted: forms.length,
  };
}

function onlyOf({ quantity }: Search) {
  return (fit: Fit) => fit.quantity === quantity;
}

/** Whether there is an error, and the fault has it, too. */
function explains(fit: Fit): boolean {
  return fit.error > 1 && misfit(fit) <= 1;
}

/** Digits of the quantity in question, else of the one with the largest error. */
function digits(fits: readonly Fit[], quantity: string): number {
  const asked = fits.find((fit) => fit.quantity === quantity);
  return asked === undefined ? 0 : digitsOf(asked);
}

/** The outputs of an observation without its gradients. */
function forwardOf({ expected, ...observation }: Observation): Observation {
  return { ...observation, expected: { ...expected, upstreams: [] } };
}

/** Its gradients without its outputs. */
function backwardOf({ expected, ...observation }: Observation): Observation {
  return { ...observation, expected: { ...expected, outputs: {} } };
}

/** How a fault fits an observation; gradients are compared only where outputs fit. */
async function fitOfFault(
  fault: Fault,
  observation: Observation,
  counts: (fit: Fit) => boolean,
  forward?: readonly Fit[],
): Promise<Fit[]> {
  const outputs = forward ?? (await fitOfPart(fault, forwardOf(observation))).filter(counts);
  if (outputs.some((fit) => misfit(fit) > 1)) return [...outputs];
  return [...outputs, ...(await fitOfPart(fault, backwardOf(observation))).filter(counts)];
}

/** The same for a part of it: what rounding makes is measured only where the fault does not fit without. */
async function fitOfPart(fault: Fault, observation: Observation): Promise<Fit[]> {
  const { parityCase, expected } = observation;
  const subject = functionSubject(fault.implementation) as Subject;
  const plain = await evaluate(subject, parityCase, expected);
  const unshaken = fits(observation, { plain, shaken: [] });
  if (unshaken.every((fit) => misfit(fit) <= 1)) return unshaken;
  return fits(observation, await answersOfFault(fault, observation, plain));
}

/** Cases that are tried at most, and those that are enough for a single suspect. */
const [MOST_PROBES, ENOUGH] = [24, 5];

/** Of candidates, those that fit other cases, too; the nearest of those that fit equally well. */
async function narrowDown(
  { norm, found, backend, subject, seed = 0 }: Search,
  { parityCase }: Observation,
  candidates: readonly Candidate[],
  counts: (fit: Fit) => boolean,
): Promise<Candidate[]> {
  if (candidates.length === 0) return [];
  for (const candidate of candidates) add(candidate, candidate.example.filter(counts));
  let left = [...candidates];
  const { arithmetic } = backendNamed(backend);
  let tried = 0;
  for (const probe of probesOf(norm, parityCase, found)) {
    if (left.length === 0 || tried === MOST_PROBES) break;
    const names = new Set(left.map(({ fault }) => fault.name));
    if (names.size === 1 && left.some(({ confirmed }) => confirmed >= ENOUGH)) break;
    let observation: Observation;
    try {
      const inputs = drawInputs(norm, probe, seed);
      const expected = expectation(norm, probe, inputs, seed, arithmetic, UPSTREAMS);
      observation = {
        parityCase: probe,
        expected,
        answers: await evaluate(subject, probe, expected),
      };
    } catch {
      // The shape does not fit the options, or the norm returns nothing there.
      continue;
    }
    tried++;
    const fitted: { candidate: Candidate; fits: Fit[] }[] = [];
    for (const candidate of left) {
      const fits = await fitOfFault(candidate.fault, observation, counts);
      fitted.push({ candidate, fits });
    }
    const fitting = fitted.filter(({ fits }) => fits.every((fit) => misfit(fit) <= 1));
    // Options that the norm does not take make other errors.
    if (fitting.length === 0 && !sameOptions(probe, parityCase)) continue;
    for (const { candidate, fits } of fitted) {
      if (fits.some((fit) => misfit(fit) > 1)) candidate.refuted++;
      else if (fits.some(explains)) candidate.confirmed++;
      add(candidate, fits);
    }
    left = left.filter(({ refuted }) => refuted <= ALLOWED * tried);
    await breathe();
  }
  return nearest(left);
}

/** Upstream gradients of a further case. */
const UPSTREAMS = 3;

/** Share of cases in which another form of a fault may answer otherwise: where rounding errors decide. */
const ALLOWED = 0.1;

function add(candidate: Candidate, fits: readonly Fit[]): void {
  for (const fit of fits) {
    if (!(Math.max(fit.error, fit.fault) > 1)) continue;
    candidate.total += Math.min(2, misfit(fit));
    candidate.count++;
  }
}

/** One candidate a fault, those left out that fit clearly worse than the best. */
function nearest(candidates: readonly Candidate[]): Candidate[] {
  const mean = ({ total, count }: Candidate) => count === 0 ? 0 : total / count;
  const sorted = candidates.toSorted((a, b) => mean(a) - mean(b));
  const least = sorted.length === 0 ? 0 : mean(sorted[0]!);
  const near = sorted.filter((each) => mean(each) <= 3 * least + 0.03);
  return near.filter(({ fault }, i) =>
    near.findIndex((other) => other.fault.name === fault.name) === i
  );
}

function sameOptions(a: ParityCase, b: ParityCase): boolean {
  const key = ({ options, storage }: ParityCase) =>
    JSON.stringify([Object.entries(options).sort(), storage]);
  return key(a) === key(b);
}

/** Elements of the largest case that is tried. */
const SMALL = 2048;

/** Further cases: the same options on more data, where the mistake was found, then the norm's own. */
function probesOf(
  norm: Operation,
  parityCase: ParityCase,
  found: ParityCase | undefined,
): ParityCase[] {
  const { given: _given, offset: _offset, ...plain } = parityCase;
  const grown = [5, 3].map((least): ParityCase => ({
    ...plain,
    id: `${norm.name}/diagnosis-${least}`,
    shape: parityCase.shape.map((length) => length * Math.ceil(least / length)),
    input: STANDARD,
  })).filter(({ shape }, i, all) =>
    size(shape) <= SMALL && (i === 0 || shape.join() !== all[0]!.shape.join())
  );
  const own = parityCases(norm.name, "full").filter(({ shape }) => size(shape) <= SMALL);
  const [same, others] = [true, false].map((is) =>
    own.filter((each) => sameOptions(each, parityCase) === is)
  ) as [ParityCase[], ParityCase[]];
  return [
    ...grown,
    ...(found && size(found.shape) <= 8 * SMALL ? [found] : []),
    ...fromBothEnds(same),
    ...fromBothEnds(others),
  ];
}

/** The first, the last, the second: the last cases are special ones. */
function fromBothEnds<T>(items: readonly T[]): T[] {
  const backwards = items.toReversed();
  return items.flatMap((item, i) => [item, backwards[i]!]).slice(0, items.length);
}
