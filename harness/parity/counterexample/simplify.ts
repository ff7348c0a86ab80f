/**
 * Makes the values of a failing case simple: 0, 1, small whole numbers, powers of two.
 *
 * @module
 */
import type { InputSpec } from "../../../norms/basics/norm.ts";
import type { Arrays, GivenCase } from "./given_case.ts";
import { initialValue } from "./patterns.ts";

/** Arrays up to this length are simplified element by element; longer ones in parts. */
const BY_ELEMENT = 64;

/** Rounds after which values are simple enough. */
const MOST_ROUNDS = 4;

/**
 * Replaces values as long as `accept` takes the arrays, to a fixpoint.
 *
 * @param current The case with the arrays that were taken last.
 */
export async function simplifyValues(
  current: () => GivenCase,
  specs: readonly InputSpec[],
  accept: (arrays: Arrays) => Promise<boolean>,
): Promise<void> {
  // Weights first: with these out of the way, data become simpler.
  const names = Object.keys(current().arrays).toSorted((a, b) =>
    Number(isData(a, specs)) - Number(isData(b, specs))
  );
  for (let round = 0, before = ""; round < MOST_ROUNDS; round++) {
    const now = JSON.stringify(Object.values(current().arrays).map((values) => [...values]));
    if (now === before) return;
    before = now;
    for (const name of names) {
      const spec = specs.find((spec) => spec.name === name);
      const simplest = spec === undefined ? 0 : initialValue(spec);
      const tryPart = async (start: number, end: number, value: number): Promise<boolean> => {
        const values = current().arrays[name]!;
        if (values.subarray(start, end).every((each) => each === value)) return true;
        return await accept({
          ...current().arrays,
          [name]: values.slice().fill(value, start, end),
        });
      };
      await simplifyPart(0, current().arrays[name]!.length, simplest, tryPart);
      const { length } = current().arrays[name]!;
      if (length > BY_ELEMENT) continue;
      for (let i = 0; i < length; i++) {
        const value = current().arrays[name]![i]!;
        for (const simpler of simplerThan(value, simplest, spec?.positive ?? false)) {
          if (await tryPart(i, i + 1, simpler)) break;
        }
      }
    }
  }
}

function isData(name: string, specs: readonly InputSpec[]): boolean {
  return !specs.some((spec) => spec.name === name);
}

/** Gives one value to as large parts as possible. */
async function simplifyPart(
  start: number,
  end: number,
  value: number,
  tryPart: (start: number, end: number, value: number) => Promise<boolean>,
): Promise<void> {
  if (await tryPart(start, end, value) || end - start < 2) return;
  const middle = (start + end) >> 1;
  await simplifyPart(start, middle, value, tryPart);
  await simplifyPart(middle, end, value, tryPart);
}

/** Values that are simpler than this one, the simplest first. */
function simplerThan(value: number, simplest: number, isPositive: boolean): number[] {
  const candidates = [
    ...[simplest, 0, 1, -1, 2, -2, 3, -3, 4, 5, 10],
    ...Number.isFinite(value) ? [Math.round(value), powerOfTwo(value)] : [],
    Math.fround(Number(value.toPrecision(1))),
  ].filter((each) => Number.isFinite(each) && (!isPositive || each > 0));
  const limit = complexity(value, simplest);
  return [...new Set(candidates)].filter((each) => complexity(each, simplest) < limit);
}

function powerOfTwo(value: number): number {
  return value === 0 ? 0 : Math.sign(value) * 2 ** Math.round(Math.log2(Math.abs(value)));
}

/** How hard a number is to read. */
function complexity(value: number, simplest: number): number {
  if (value === simplest) return -1;
  const sign = value < 0 ? 0.5 : 0;
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return 1e6;
  if (Number.isInteger(value) && magnitude <= 1000) return magnitude + sign;
  const exponent = Math.abs(Math.log2(magnitude));
  if (Number.isInteger(exponent)) return 1e3 + exponent + sign;
  return 1e4 + String(value).length + sign;
}
