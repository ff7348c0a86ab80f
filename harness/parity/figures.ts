/**
 * How far one array is from another, in figures.
 *
 * @module
 */
import type { Bounded } from "../../norms/oracle/bounded.ts";
import type { Shape } from "../../norms/basics/shape.ts";
import type { Figures } from "./record.ts";

/** Distance from |x| to the next float32. */
function unitInLastPlace(x: number): number {
  const magnitude = Math.abs(Math.fround(x));
  if (magnitude < 2 ** -126) return 2 ** -149;
  return 2 ** (Math.floor(Math.log2(magnitude)) - 23);
}

/** Multi-dimensional index of a row-major position. */
function unravel(position: number, shape: Shape): number[] {
  return shape.reduceRight<number[]>((index, length) => {
    index.unshift(position % length);
    position = Math.floor(position / length);
    return index;
  }, []);
}

/** |got - expected|, infinite where one of them is no number: a NaN is a finding and never passes. */
function distance(got: number, expected: number): number {
  if (got === expected) return 0;
  const difference = Math.abs(got - expected);
  return Number.isNaN(difference) ? Infinity : difference;
}

/** error / budget; no error is within any budget, an infinite one within none. */
function relativeToBudget(error: number, budget: number): number {
  if (error === 0) return 0;
  return error === Infinity ? Infinity : error / budget;
}

/** Running maximum and mean. */
class Summary {
  max = 0;
  #sum = 0;
  #count = 0;

  add(value: number): void {
    if (value > this.max) this.max = value;
    this.#sum += value;
    this.#count++;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }
}

/**
 * Compares `got` with the values of `expected`, in units of its bounds.
 *
 * Relative error and ULP are taken over the elements where the expected value is not 0.
 *
 * @throws {RangeError} if the lengths differ.
 */
export function compare(got: ArrayLike<number>, expected: Bounded): Figures {
  const { values, bounds, shape } = expected;
  if (got.length !== values.length) {
    throw new RangeError(`${got.length} values were given where ${values.length} are expected`);
  }
  const absolute = new Summary();
  const relative = new Summary();
  const ulp = new Summary();
  let ratio = 0;
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const error = distance(got[i]!, value);
    absolute.add(error);
    if (value !== 0) {
      relative.add(error / Math.abs(value));
      ulp.add(error / unitInLastPlace(value));
    }
    const measured = relativeToBudget(error, bounds[i]!);
    if (measured > ratio) {
      ratio = measured;
      worst = i;
    }
  }
  return {
    maxAbsolute: absolute.max,
    meanAbsolute: absolute.mean,
    maxRelative: relative.max,
    meanRelative: relative.mean,
    maxUlp: ulp.max,
    meanUlp: ulp.mean,
    ratio,
    worst: {
      index: unravel(worst, shape),
      got: got[worst]!,
      expected: values[worst]!,
      budget: bounds[worst]!,
    },
  };
}
