/**
 * How what the replay computes compares with what the notebook printed.
 *
 * @module
 */
import { SCHEMA } from "../run/record.ts";
import { FLOAT64 } from "./arithmetic.ts";
import { type Expectation, type Printout, PUBLISHED } from "./published.ts";
import { type PrintoutRecord, REPLAY_VERDICTS, type ReplayVerdict } from "./record.ts";

/** Compares what an experiment printed with what the notebook did. */
export function printoutRecords(
  experiment: string,
  backend: string,
  printouts: readonly Printout[],
): PrintoutRecord[] {
  const precision: Precision = backend === FLOAT64 ? "float64" : "float32";
  return printouts.map(({ name, values }) => {
    const expectation = PUBLISHED[experiment]![name]!;
    const range = expectedRange(expectation, precision);
    return {
      kind: "figure",
      schema: SCHEMA,
      backend,
      experiment,
      figure: name,
      published: expectation.printed,
      ...(range && { range }),
      measured: values,
      ...judge(expectation, values, precision),
      ...(expectation.training && { training: expectation.training }),
    };
  });
}

/** The precision of a computation. */
export type Precision = "float32" | "float64";

/** A verdict, and the number of significant digits in common. */
export interface Judgement {
  readonly verdict: ReplayVerdict;
  readonly digits: number;
}

const FLOAT32_DIGITS = 4;

/** How much larger the rounding errors of float32 are. */
const COARSER = 2 ** (53 - 24);

const ORDER_OF_MAGNITUDE = 10;

/** The most significant digits that two float64 numbers can have in common. */
const MOST_DIGITS = 17;

/** The expected range in a precision; undefined where none is known. */
export function expectedRange(
  { range, isNoise = false }: Expectation,
  precision: Precision,
): readonly [number, number] | undefined {
  if (range === undefined || !isNoise || precision === "float64") return range;
  return [range[0] * COARSER, range[1] * COARSER];
}

/**
 * The worst verdict over the numbers of a printout; undefined where nothing is known to compare with.
 *
 * @throws {RangeError} if the number of values is not that of the printed ones.
 */
export function judge(
  expectation: Expectation,
  measured: readonly number[],
  precision: Precision,
): Judgement | undefined {
  const { printed } = expectation;
  if (printed.length === 0) {
    const range = expectedRange(expectation, precision);
    if (range === undefined) return undefined;
    const inside = measured.every((value) => isInside(value, range));
    return { verdict: inside ? "inside the published spread" : "differs", digits: 0 };
  }
  if (printed.length !== measured.length) {
    throw new RangeError(`${measured.length} numbers cannot be compared with ${printed.length}`);
  }
  const each = measured.map((value, i) => judgeNumber(value, printed[i]!, expectation, precision));
  const worst = Math.min(...each.map(({ verdict }) => REPLAY_VERDICTS.indexOf(verdict)));
  return {
    verdict: REPLAY_VERDICTS[worst]!,
    digits: Math.min(...each.map(({ digits }) => digits)),
  };
}

function judgeNumber(
  measured: number,
  printed: string,
  expectation: Expectation,
  precision: Precision,
): Judgement {
  const { isNoise = false, isChance = false, float32Digits = FLOAT32_DIGITS } = expectation;
  const published = Number(printed);
  const unit = expectation.unit ?? unitOf(printed);
  const digits = commonDigits(measured, published);
  const least = precision === "float64" ? Infinity : float32Digits;
  const range = expectedRange(expectation, precision);
  // Slightly more than half a unit, since printed halves are rounded either way.
  if (Math.abs(measured - published) <= 0.5000001 * unit) {
    return { verdict: "same digits", digits };
  }
  if (range !== undefined && !isNoise && isInside(measured, range)) {
    return { verdict: "inside the published spread", digits };
  }
  if (!isNoise && digits >= least) return { verdict: "same to k digits", digits };
  const noise = isNoise && precision === "float32" ? COARSER : 1;
  if ((isNoise || isChance) && isSimilar(measured, published * noise)) {
    return { verdict: "same order of magnitude", digits };
  }
  if (range !== undefined && isInside(Math.abs(measured), range)) {
    return { verdict: "inside the published spread", digits };
  }
  return { verdict: "differs", digits };
}

/** One in the last place of a number as it was printed: 1e-3 for `0.125`, 1e-11 for `5.03e-9`. */
export function unitOf(printed: string): number {
  const [mantissa = "", exponent = "0"] = printed.toLowerCase().split("e");
  const decimals = mantissa.split(".")[1]?.length ?? 0;
  return 10 ** (Number(exponent) - decimals);
}

/** Significant digits that two numbers have in common: 6 where they are a millionth apart. */
export function commonDigits(a: number, b: number): number {
  if (Number.isNaN(a)) return 0;
  if (a === b) return MOST_DIGITS;
  const digits = -Math.log10(Math.abs(a - b) / Math.abs(b));
  return Math.max(0, Math.min(MOST_DIGITS, Math.floor(digits)));
}

function isInside(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}

function isSimilar(measured: number, published: number): boolean {
  const ratio = Math.abs(measured / published);
  return ratio >= 1 / ORDER_OF_MAGNITUDE && ratio <= ORDER_OF_MAGNITUDE;
}
