/**
 * Gradients of standardized data and of their scale, with the errors that a whole group shares.
 *
 * @module
 */
import { broadcastIndex, dropAxes, reductionLength, size } from "../basics/shape.ts";
import { anyDepth, gamma, LARGEST, orInfinity, quantum, scaled } from "./arithmetic.ts";
import { Bounded, divide, mean, multiply, subtract } from "./bounded.ts";
import { ALGORITHMS, type BoundKind } from "./roundings.ts";
import type { Standardized } from "./standardized.ts";

/** w / deviation, where algorithms may multiply by a reciprocal, and by gamma before or after. */
export function divideByDeviation(w: Bounded, { deviation }: Standardized): Bounded {
  const quotient = divide(w, deviation);
  const widened = (kind: BoundKind) => {
    const { own } = ALGORITHMS[kind];
    const relative = gamma(own(quotient.arithmetic));
    return quotient[kind].map((bound, i) => {
      const value = quotient.values[i]!;
      return Number.isFinite(value) ? bound + relative * (Math.abs(value) + bound) : bound;
    });
  };
  return new Bounded(quotient.shape, quotient.values, widened("careful"), {
    ...quotient,
    anyOrder: widened("anyOrder"),
  });
}

/** The largest of an element of the data as closed forms may take it: as it is, centred, standardized. */
function dataMagnitude(
  { xhat, groups, uncentred, deviation }: Standardized,
): (i: number) => number {
  return (i) => {
    const standardized = Math.abs(xhat.values[i]!);
    const s = deviation.values[groups[i]!]!;
    return Math.max(standardized * Math.max(1, s), Math.abs(uncentred?.[i] ?? 0));
  };
}

/** sum(w xhat) over `axes`, which stay as axes of length 1. */
export function sumOfProducts(
  w: Bounded,
  standardized: Standardized,
  axes: readonly number[],
): Bounded {
  const { xhat, groups, uncentred, deviation } = standardized;
  const { shape, arithmetic } = xhat;
  const magnitudeOf = dataMagnitude(standardized);
  const { basic } = arithmetic;
  const tiny = quantum(arithmetic);
  const n = reductionLength(shape, axes);
  const result = dropAxes(shape, axes);
  const target = broadcastIndex(result, shape);
  // A cell is what of a group goes into one sum.
  const together = axes.filter((axis) => standardized.axes.includes(axis));
  const cellShape = dropAxes(shape, together);
  const cellOf = broadcastIndex(cellShape, shape);
  const inCell = reductionLength(shape, together);
  const cells = {
    sum: new Float64Array(size(cellShape)),
    products: new Float64Array(size(cellShape)),
  };
  const cellGroup = new Int32Array(cells.sum.length);
  const cellTarget = new Int32Array(cells.sum.length);
  const values = new Float64Array(size(result));
  const magnitudes = new Float64Array(values.length);
  const flagged = w.outOfRange !== undefined || xhat.outOfRange !== undefined;
  let outOfRange = flagged ? new Uint8Array(values.length) : undefined;
  for (let i = 0; i < target.length; i++) {
    const cell = cellOf[i]!;
    const j = target[i]!;
    const product = w.values[i]! * xhat.values[i]!;
    cells.sum[cell]! += w.values[i]!;
    cells.products[cell]! += product;
    cellGroup[cell] = groups[i]!;
    cellTarget[cell] = j;
    // Closed forms add products with the data, centred or not, and divide afterwards.
    const s = deviation.values[groups[i]!]!;
    magnitudes[j]! += Math.abs(w.values[i]!) * magnitudeOf(i) * Math.max(1, 1 / s);
    if (flagged && (w.outOfRange?.[i] || xhat.outOfRange?.[i])) outOfRange![j] = 1;
  }
  cells.products.forEach((product, cell) => values[cellTarget[cell]!]! += product);
  magnitudes.forEach((magnitude, j) => {
    if (!(magnitude > LARGEST && magnitude < Infinity)) return;
    outOfRange ??= new Uint8Array(values.length);
    outOfRange[j] = 1;
  });
  const boundsOf = (kind: BoundKind): Float64Array => {
    const { shift, scale, own } = standardized[kind];
    const bounds = new Float64Array(values.length);
    const unbounded = new Uint8Array(values.length);
    const rounding = gamma((ALGORITHMS[kind].depth(n) + 1) * basic);
    // A tape through x a + b, and closed forms by row, sum w x and subtract mean sum(w).
    const uncentredRounding = kind === "anyOrder" ? gamma((anyDepth(inCell) + 4) * basic) : 0;
    const inverses = deviation.values.map((s) => uncentredRounding / s);
    // Closed forms divide the sum, whose products may have underflowed.
    const underflows = deviation.values.map((s) => 3 * tiny * (kind === "careful" ? 1 : 1 + 1 / s));
    const isRaw = uncentred !== undefined && uncentredRounding > 0;
    const weightErrors = w[kind];
    const totals = xhat[kind];
    for (let i = 0; i < target.length; i++) {
      const weight = Math.abs(w.values[i]!);
      const weightError = weightErrors[i]!;
      if (weight === 0 && weightError === 0) continue;
      if (own[i] === Infinity) unbounded[target[i]!] = 1;
      const total = Math.abs(xhat.values[i]!) + totals[i]!;
      const raw = isRaw ? inverses[groups[i]!]! * Math.abs(uncentred[i]!) : 0;
      bounds[target[i]!]! += weight * (own[i]! + raw) + weightError * total +
        underflows[groups[i]!]! + rounding * (weight + weightError) * total;
    }
    for (let cell = 0; cell < cellGroup.length; cell++) {
      const [e, eta] = [shift[cellGroup[cell]!]!, scale[cellGroup[cell]!]!];
      bounds[cellTarget[cell]!]! += scaled(eta, cells.products[cell]!) +
        scaled(e * (1 + eta), cells.sum[cell]!);
    }
    return bounds.map((bound, j) => {
      if (unbounded[j]) return Infinity;
      return Number.isFinite(values[j]) ? orInfinity(bound) : 0;
    });
  };
  return new Bounded(result, values, boundsOf("careful"), {
    anyOrder: boundsOf("anyOrder"),
    outOfRange,
    arithmetic,
  });
}

interface Projection {
  /** The gradient that reaches xhat. */
  readonly dxhat: Bounded;
  readonly standardized: Standardized;
  /** n times the gradient of the deviation; default xhat. */
  readonly direction?: Bounded;
  /** Whether squares are averaged, not only added up; default true. */
  readonly averaged?: boolean;
}

/** (dxhat - mean(dxhat) - direction mean(dxhat xhat)) / deviation, the mean only where one was subtracted. */
export function projectBackward(
  { dxhat, standardized, direction = standardized.xhat, averaged = true }: Projection,
): Bounded {
  const { axes, xhat, groups, deviation, uncentred } = standardized;
  const { arithmetic } = xhat;
  const n = reductionLength(xhat.shape, axes);
  const products = sumOfProducts(dxhat, standardized, axes);
  const slope = averaged ? divide(products, Bounded.exact([n], [])) : products;
  const projection = multiply(direction, slope);
  const level = uncentred === undefined ? undefined : mean(dxhat, axes);
  const rest = level === undefined ? dxhat : subtract(dxhat, level);
  const dx = divide(subtract(rest, projection), deviation);
  const tiny = quantum(arithmetic);
  // A tape adds the projections up again, in place of their sum of zero.
  const spread = new Float64Array(deviation.values.length);
  if (level !== undefined) {
    for (let i = 0; i < groups.length; i++) {
      spread[groups[i]!]! += Math.abs(direction.values[i]!) / n;
    }
  }
  const widened = (kind: BoundKind) => {
    const terms = gamma(ALGORITHMS[kind].terms(arithmetic));
    const again = gamma((ALGORITHMS[kind].depth(n) + 2) * arithmetic.basic);
    const { scale } = standardized[kind];
    const levels = spread.map((_, g) => Math.abs(level?.values[g] ?? 0));
    const repeated = spread.map((size, g) => again * Math.abs(slope.values[g]!) * size);
    const inverses = deviation.values.map((s, g) => (1 + scale[g]!) / s);
    const underflows = deviation.values.map((s) => 8 * tiny * (1 + 1 / s));
    return dx[kind].map((bound, i) => {
      if (!Number.isFinite(dx.values[i])) return bound;
      const g = groups[i]!;
      const magnitude = Math.abs(dxhat.values[i]!) + levels[g]! + Math.abs(projection.values[i]!);
      const more = (terms * magnitude + repeated[g]!) * inverses[g]!;
      return orInfinity(bound + more + (magnitude === 0 ? 0 : underflows[g]!));
    });
  };
  return new Bounded(dx.shape, dx.values, widened("careful"), {
    ...dx,
    anyOrder: widened("anyOrder"),
    outOfRange: flaggedForms(dx, dxhat, standardized),
  });
}

/**
 * The flags of dx, and of groups in which an intermediate of a closed form leaves the range: the cubed
 * deviation that it divides by, or n dxhat times xhat or the data, centred or not, divided by that cube.
 */
function flaggedForms(
  dx: Bounded,
  dxhat: Bounded,
  standardized: Standardized,
): Uint8Array | undefined {
  const { xhat, deviation, groups, axes } = standardized;
  const magnitudeOf = dataMagnitude(standardized);
  const leaves = deviation.values.map((s) => s > 2 ** 42 || (s > 0 && s < 2 ** -42) ? 1 : 0);
  const n = reductionLength(xhat.shape, axes);
  for (let i = 0; i < groups.length; i++) {
    const g = groups[i]!;
    const s = deviation.values[g]!;
    // Up to four such terms are added.
    const magnitude = 4 * n * Math.abs(dxhat.values[i]!) * Math.max(1, magnitudeOf(i)) *
      Math.max(1, s ** -3);
    if (magnitude > LARGEST && magnitude < Infinity) leaves[g] = 1;
  }
  if (!leaves.includes(1)) return dx.outOfRange;
  return Uint8Array.from(groups, (g, i) => leaves[g]! | (dx.outOfRange?.[i] ?? 0));
}
