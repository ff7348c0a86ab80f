/**
 * How what the replay computes compares with what the notebook printed.
 *
 * @module
 */
import { mean, standardDeviation } from "../../reports/statistics.ts";
import { quantileOfT } from "../../reports/student_t.ts";
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
    const { printed, noise, training } = expectation;
    const range = expectedRange(expectation, precision);
    const shared = sharedDigits(expectation, precision);
    return {
      kind: "figure",
      schema: SCHEMA,
      backend,
      experiment,
      figure: name,
      published: printed,
      ...(range && { range }),
      ...(shared !== undefined && { shared }),
      ...(noise && { noise: noise.reason }),
      measured: values,
      ...judge(expectation, values, precision),
      ...(training && { training }),
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

/** Significant digits that float32 must reproduce where the notebook computed in float64. */
const FLOAT32_DIGITS = 4;

/** How much larger the rounding errors of float32 are. */
const COARSER = 2 ** (53 - 24);

/** How often a right figure may fall outside its spread by chance: once in ten thousand. */
const FALSE_ALARMS = 1e-4;

/** Most significant digits that two float64 numbers can have in common. */
const MOST_DIGITS = 17;

/** Digits that a float64 figure has in every order of sums; undefined where no order is known to matter. */
function sharedDigits({ spread }: Expectation, precision: Precision): number | undefined {
  if (spread === undefined || precision === "float32") return undefined;
  return commonDigits(Math.min(...spread), Math.max(...spread));
}

/** Where a number must lie whose digits differ; undefined where the digits alone count. */
export function expectedRange(
  expectation: Expectation,
  precision: Precision,
): readonly [number, number] | undefined {
  const { noise, spread } = expectation;
  if (noise) {
    const coarser = precision === "float64" ? 1 : COARSER;
    return [noise.range[0] * coarser, noise.range[1] * coarser];
  }
  return spread && predictionInterval(spread, unitOf(expectation.printed[0]!));
}

/** Where the next value of a sample falls, by Student's t; no narrower than the sample and a printed unit. */
function predictionInterval(sample: readonly number[], unit: number): readonly [number, number] {
  const n = sample.length;
  const reach = quantileOfT(1 - FALSE_ALARMS / 2, n - 1) * standardDeviation(sample) *
    Math.sqrt(1 + 1 / n);
  const low = Math.min(mean(sample) - reach, Math.min(...sample) - unit);
  const high = Math.max(mean(sample) + reach, Math.max(...sample) + unit);
  // Errors, losses and accuracies are not negative.
  return [Math.max(0, low), high];
}

/**
 * The worst verdict over the numbers of a printout.
 *
 * @throws {RangeError} if the number of values is not that of the printed ones.
 */
export function judge(
  expectation: Expectation,
  measured: readonly number[],
  precision: Precision,
): Judgement {
  const { printed } = expectation;
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
  const { noise, unit = unitOf(printed) } = expectation;
  const published = Number(printed);
  const digits = commonDigits(measured, published);
  const range = expectedRange(expectation, precision);
  const isInside = range !== undefined && measured >= range[0] && measured <= range[1];
  if (noise) return { verdict: isInside ? "noise" : "differs", digits };
  // Slightly more than half a unit, since printed halves are rounded either way.
  if (Math.abs(measured - published) <= 0.5000001 * unit) return { verdict: "same digits", digits };
  const required = precision === "float32"
    ? FLOAT32_DIGITS
    : sharedDigits(expectation, precision) || Infinity;
  if (digits >= required) return { verdict: "same to k digits", digits };
  return { verdict: isInside ? "inside the spread" : "differs", digits };
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
