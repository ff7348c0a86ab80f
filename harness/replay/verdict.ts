/**
 * How a replayed figure compares with the published one.
 *
 * @module
 */
import { REPLAY_VERDICTS, type ReplayVerdict, type TrainingPoint } from "./record.ts";

/** What the notebook printed, and what else is known of a figure. */
export interface Expectation {
  /** Numbers as they were printed; empty where none were published. */
  readonly printed: readonly string[];
  /** One in the last place, where zeros at the end were not printed; default: by the text. */
  readonly unit?: number;
  /** What may be expected, where that is known: of the figure's magnitude, if it is noise. */
  readonly range?: readonly [low: number, high: number];
  /** Whether it is rounding noise, of which only the size can be compared; it grows with the precision. */
  readonly isNoise?: boolean;
  /** Whether it depends on the machine or on chance, so that an order of magnitude is all to be had. */
  readonly isChance?: boolean;
  /** Significant digits that float32 has to reproduce; default 4. */
  readonly float32Digits?: number;
  /** Where in a training run it was printed. */
  readonly training?: TrainingPoint;
}

/** The precision that a figure was computed in. */
export type Precision = "float32" | "float64";

/** A verdict, and the significant digits in common. */
export interface Judgement {
  readonly verdict: ReplayVerdict;
  readonly digits: number;
}

const FLOAT32_DIGITS = 4;

/** How much larger the roundings of float32 are. */
const COARSER = 2 ** (53 - 24);

/** What an order of magnitude is. */
const MAGNITUDE = 10;

/** Digits beyond which two float64 numbers have nothing in common but luck. */
const MOST_DIGITS = 17;

/** The range of a figure in a precision; undefined where none is known. */
export function expectedRange(
  { range, isNoise = false }: Expectation,
  precision: Precision,
): readonly [number, number] | undefined {
  if (range === undefined || !isNoise || precision === "float64") return range;
  return [range[0] * COARSER, range[1] * COARSER];
}

/**
 * The gravest verdict over the numbers of a figure; undefined where nothing is known of it.
 *
 * @throws {RangeError} if there are not as many numbers as were printed.
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
    throw new RangeError(`${measured.length} numbers cannot be held against ${printed.length}`);
  }
  const each = measured.map((value, i) => judgeNumber(value, printed[i]!, expectation, precision));
  const gravest = Math.min(...each.map(({ verdict }) => REPLAY_VERDICTS.indexOf(verdict)));
  return {
    verdict: REPLAY_VERDICTS[gravest]!,
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
  // A hair more than half a unit, since printed halves are rounded either way.
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
  return ratio >= 1 / MAGNITUDE && ratio <= MAGNITUDE;
}
