/**
 * Data less their mean and divided by their deviation, with the errors that a whole group shares.
 *
 * float32 computes `(xhat - e) (1 + eta) + omega`: e is the error of the mean in deviations, eta the
 * relative error of 1 / deviation, and both are one number for all elements of a group; only omega is an
 * element's own. A sum of products with xhat then has the error `e sum(w) + eta sum(w xhat)` where bounds
 * that forget it have `sum(|w| ...)`. docs/numerics.md derives what is written here.
 *
 * @module
 */
import { broadcastIndex, reductionLength } from "../basics/shape.ts";
import { coarser, gamma, orInfinity, quantum } from "./arithmetic.ts";
import { Bounded } from "./bounded.ts";
import { ALGORITHMS, type BoundKind } from "./roundings.ts";

/** Bounds on the three errors; the first two by group. */
interface Errors {
  /** Of the mean, in deviations: |e|. */
  readonly shift: Float64Array;
  /** Relative, of 1 / deviation: |eta|. */
  readonly scale: Float64Array;
  /** |omega| of every element. */
  readonly own: Float64Array;
}

/** xhat, and what makes it. */
export interface Standardized extends Readonly<Record<BoundKind, Errors>> {
  /** (x - mean) / deviation, with bounds in which all three errors are added up. */
  readonly xhat: Bounded;
  /** What the data are divided by; 1 for every axis of a group. */
  readonly deviation: Bounded;
  /** The axes of a group. */
  readonly axes: readonly number[];
  /** The group of every element. */
  readonly groups: Int32Array;
  /** The data as they are, where a mean was subtracted. */
  readonly uncentred: Float64Array | undefined;
}

interface Parts {
  /** Axes of length 1 where a group goes on; left out where no mean is subtracted. */
  readonly mean?: Bounded;
  /** Of the shape of the mean. */
  readonly deviation: Bounded;
  readonly axes: readonly number[];
}

/** Subtracts a mean, if there is one, and divides by a deviation. */
export function standardizeBy(x: Bounded, { mean, deviation, axes }: Parts): Standardized {
  const groups = broadcastIndex(deviation.shape, x.shape);
  const values = new Float64Array(groups.length);
  const outOfRange = mean?.outOfRange || deviation.outOfRange || x.outOfRange
    ? new Uint8Array(values.length)
    : undefined;
  for (let i = 0; i < values.length; i++) {
    const g = groups[i]!;
    values[i] = (x.values[i]! - (mean?.values[g] ?? 0)) / deviation.values[g]!;
    if (outOfRange === undefined) continue;
    outOfRange[i] = mean?.outOfRange?.[g] || deviation.outOfRange?.[g] || x.outOfRange?.[i] || 0;
  }
  const arithmetic = coarser(x.arithmetic, deviation.arithmetic);
  const n = reductionLength(x.shape, axes);
  const errors = (kind: BoundKind) => {
    const { basic } = arithmetic;
    const tiny = quantum(arithmetic);
    const perElement = gamma(ALGORITHMS[kind].own(arithmetic));
    const fold = kind === "anyOrder" && mean !== undefined ? gamma(3 * basic) : 0;
    const shift = deviation.values.map((s, g) =>
      mean === undefined ? 0 : (mean[kind][g]! + fold * Math.abs(mean.values[g]!)) / s
    );
    const scale = deviation.values.map((s, g) => {
      const error = deviation[kind][g]!;
      return error < s ? error / (s - error) : Infinity;
    });
    const own = new Float64Array(values.length);
    const total = new Float64Array(values.length);
    const inverses = deviation.values.map((s) => 1 / s);
    const results = (2 + Math.sqrt(n)) * tiny;
    const bounds = x[kind];
    for (let i = 0; i < values.length; i++) {
      const g = groups[i]!;
      const magnitude = Math.abs(values[i]!);
      if (!Number.isFinite(magnitude)) {
        // Nothing by nothing is anything, if rounding decides whether it is nothing.
        if (Number.isFinite(x.values[i]) && deviation[kind][g]! > deviation.values[g]!) {
          own[i] = total[i] = Infinity;
        }
        continue;
      }
      const e = shift[g]!;
      const eta = scale[g]!;
      const absolute = (2 * bounds[i]! + fold * Math.abs(x.values[i]!) + tiny) * inverses[g]!;
      const ownError = (1 + eta) * (perElement * (magnitude + e) + absolute) + results;
      own[i] = orInfinity(ownError);
      total[i] = orInfinity(ownError + e * (1 + eta) + eta * magnitude);
    }
    return { shift, scale, own, total };
  };
  const careful = errors("careful");
  const anyOrder = errors("anyOrder");
  return {
    xhat: new Bounded(x.shape, values, careful.total, {
      anyOrder: anyOrder.total,
      outOfRange,
      arithmetic,
    }),
    deviation,
    axes,
    groups,
    uncentred: mean && x.values,
    careful,
    anyOrder,
  };
}
