/**
 * How a wrong answer follows from the right one: by a factor or a difference that is the same everywhere.
 *
 * @module
 */
import { formatNumber } from "../../../reports/format.ts";

/** A wrong answer, and what is known of its case. */
export interface WrongAnswer {
  readonly got: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  /** The absolute error that rounding may make, by element. */
  readonly budget: ArrayLike<number>;
  readonly isOff: readonly boolean[];
  /** Numbers of the case by name, such as n. */
  readonly counts: Readonly<Record<string, number>>;
  /** Arrays of the case as they broadcast onto the answer, such as gamma. */
  readonly arrays: Readonly<Record<string, ArrayLike<number>>>;
}

export interface Relation {
  readonly formula: string;
  readonly meaning?: string;
}

interface Factor {
  readonly name: string;
  readonly meaning: string;
  of(i: number): number;
}

/** The factor or the difference of all elements that are off, if rounding hides what is left. */
export function findRelation(answer: WrongAnswer): Relation | undefined {
  const { got, expected, isOff } = answer;
  const off = isOff.flatMap((is, i) => is ? [i] : []);
  if (
    off.length === 0 || !off.every((i) => Number.isFinite(got[i]) && Number.isFinite(expected[i]))
  ) {
    return undefined;
  }
  if (off.every((i) => got[i] === 0)) return { formula: "got = 0" };
  return factorOf(answer, off) ?? differenceOf(answer, off);
}

function factorOf(answer: WrongAnswer, off: readonly number[]): Relation | undefined {
  const { got, expected, budget } = answer;
  const within = (i: number, factor: number) =>
    Number.isFinite(factor) &&
    Math.abs(got[i]! - factor * expected[i]!) <=
      2 * budget[i]! * Math.max(1, Math.abs(factor)) + 4 * ROUNDING * Math.abs(got[i]!);
  const judged = off.filter((i) => Math.abs(expected[i]!) > SHARP * budget[i]!);
  if (judged.length === 0) return undefined;
  const holds = (factor: (i: number) => number) => off.every((i) => within(i, factor(i)));
  const sharpest = judged.reduce((a, b) =>
    budget[b]! / Math.abs(expected[b]!) < budget[a]! / Math.abs(expected[a]!) ? b : a
  );
  const ratio = got[sharpest]! / expected[sharpest]!;
  const meaning = meaningsOf(answer.counts).find(({ value }) => value !== 1 && holds(() => value));
  if (meaning !== undefined) {
    return { formula: `got = ${formatNumber(meaning.value, 6)} expected`, meaning: meaning.name };
  }
  if (judged.length >= 3 && holds(() => ratio)) {
    return { formula: `got = ${formatNumber(ratio, 4)} expected` };
  }
  // What is nearly 1 everywhere fits by chance.
  const isTelling = ({ of }: Factor) => judged.some((i) => Math.abs(of(i) - 1) > NEARLY);
  const factor = factorsOf(answer.arrays)
    .find((each) => judged.length >= 2 && isTelling(each) && holds(each.of));
  return factor && { formula: `got = ${factor.name}`, meaning: factor.meaning };
}

/** Digits with which a value must stand out of its budget to say something of a ratio. */
const SHARP = 100;

const NEARLY = 0.05;

const ROUNDING = 2 ** -24;

/** Numbers that mistakes multiply with, for n and the other lengths of the case. */
function meaningsOf(counts: Readonly<Record<string, number>>) {
  const plain = [
    { value: -1, name: "the sign is wrong" },
    { value: 2, name: "twice as much" },
    { value: 0.5, name: "half as much" },
  ];
  return plain.concat(
    Object.entries(counts).filter(([, n]) => n > 1).flatMap(([name, n]) => {
      const said = ` for ${name} = ${n}`;
      const padded = 4 * Math.ceil(n / 4);
      return [
        { value: n / (n - 1), name: `${name} / (${name} - 1)${said}` },
        { value: (n - 1) / n, name: `(${name} - 1) / ${name}${said}` },
        { value: Math.sqrt(n / (n - 1)), name: `sqrt(${name} / (${name} - 1))${said}` },
        { value: Math.sqrt((n - 1) / n), name: `sqrt((${name} - 1) / ${name})${said}` },
        { value: n, name: `${name} times, as a sum in place of a mean${said}` },
        { value: 1 / n, name: `1 / ${name}, as a mean in place of a sum${said}` },
        { value: Math.sqrt(n), name: `sqrt(${name})${said}` },
        { value: 1 / Math.sqrt(n), name: `1 / sqrt(${name})${said}` },
        ...(padded === n ? [] : [
          { value: n / padded, name: `${name} rounded up to a multiple of 4${said}` },
        ]),
      ];
    }),
  );
}

function factorsOf(arrays: WrongAnswer["arrays"]): Factor[] {
  return Object.entries(arrays).flatMap(([name, of]): Factor[] => [
    {
      name: `expected / ${name}`,
      meaning: `a factor ${name} is missing`,
      of: (i) => 1 / of[i]!,
    },
    {
      name: `expected * ${name}`,
      meaning: `a division by ${name} is missing, or ${name} is multiplied with once more`,
      of: (i) => of[i]!,
    },
    {
      name: `expected * ${name}^2`,
      meaning: `it is multiplied with ${name} where it should be divided`,
      of: (i) => of[i]! ** 2,
    },
  ]);
}

function differenceOf(
  { got, expected, budget, arrays }: WrongAnswer,
  off: readonly number[],
): Relation | undefined {
  const holds = (term: (i: number) => number) =>
    off.every((i) =>
      Math.abs(got[i]! - expected[i]! - term(i)) <=
        2 * budget[i]! + 4 * ROUNDING * Math.abs(term(i))
    );
  for (const [name, of] of Object.entries(arrays)) {
    if (holds((i) => -of[i]!)) {
      return { formula: `got = expected - ${name}`, meaning: `${name} is missing` };
    }
    if (holds((i) => of[i]!)) {
      return { formula: `got = expected + ${name}`, meaning: `${name} is added once more` };
    }
  }
  const [first] = off as [number];
  const difference = got[first]! - expected[first]!;
  if (off.length < 3 || !holds(() => difference)) return undefined;
  const sign = difference < 0 ? "-" : "+";
  return { formula: `got = expected ${sign} ${formatNumber(Math.abs(difference), 4)}` };
}
