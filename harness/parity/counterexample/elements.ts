/**
 * Which elements of an answer are off, in words.
 *
 * @module
 */
import { count } from "../../../reports/format.ts";
import { indexAt, range, type Shape, size } from "../../../norms/basics/shape.ts";

/** An array, and which of its elements are off. */
export interface OffElements {
  readonly shape: Shape;
  readonly isOff: readonly boolean[];
  /** The data, where they have the same shape. */
  readonly x?: ArrayLike<number>;
  /** The number of the group that shares statistics, for every element of such data. */
  readonly groups?: ArrayLike<number>;
}

/** Which elements are off: `every element`, `the last row`, `channel 2`, `3 of 64 elements`. */
export function describeElements(elements: OffElements): string {
  const { shape, isOff } = elements;
  const total = isOff.length;
  const off = isOff.filter(Boolean).length;
  if (off === 0) return "none beyond what rounding makes";
  if (off === total) return total === 1 ? "its one element" : "every element";
  if (off === 1 && shape.every((length) => length === 1 || length > 2)) {
    return `element [${indexAt(isOff.indexOf(true), shape).join(", ")}] alone`;
  }
  return alongAxes(elements) ?? byGroup(elements) ?? byValue(elements) ?? atBorder(elements) ??
    atEnd(elements) ?? `${off} of ${count(total, "element")}`;
}

/** What an axis is called: `row`, `column`, `sample`, `channel`. */
function nameOf(axis: number, rank: number): string {
  if (rank === 1) return "element";
  if (rank === 2) return axis === 0 ? "row" : "column";
  return axis === 0 ? "sample" : axis === rank - 1 ? "channel" : `position of axis ${axis}`;
}

/** The numbers of those `of` which all elements are off, if no other element is. */
function wholly(isOff: readonly boolean[], of: (i: number) => number): boolean[] | undefined {
  const found: boolean[] = [];
  for (let i = 0; i < isOff.length; i++) {
    const number = of(i);
    if (found[number] !== undefined && found[number] !== isOff[i]) return undefined;
    found[number] = isOff[i]!;
  }
  return found;
}

function alongAxes({ shape, isOff }: OffElements): string | undefined {
  for (const axis of range(shape.length).toReversed()) {
    const stride = size(shape.slice(axis + 1));
    const found = wholly(isOff, (i) => Math.floor(i / stride) % shape[axis]!);
    const said = found && describeNumbers(found, nameOf(axis, shape.length));
    if (said !== undefined) return said;
  }
  return undefined;
}

function byGroup({ isOff, groups }: OffElements): string | undefined {
  const found = groups && wholly(isOff, (i) => groups[i]!);
  return found && describeNumbers(found, "group");
}

/** `the last row`, `rows from 128 on`, `every row but the first`, `rows 1, 4, 5`. */
function describeNumbers(isOff: readonly boolean[], name: string): string | undefined {
  const last = isOff.length - 1;
  const off = range(isOff.length).filter((i) => isOff[i]);
  const right = range(isOff.length).filter((i) => !isOff[i]);
  const one = (i: number) =>
    i === last ? `the last ${name}` : i === 0 ? `the first ${name}` : `${name} ${i}`;
  if (off.length === 1) return one(off[0]!);
  if (off.length > 2 && right.length === 1) {
    const [which] = right as [number];
    return `every ${name} but ${which === last ? "the last" : which === 0 ? "the first" : which}`;
  }
  const [first] = off as [number];
  if (off.at(-1) === last && off.length === last - first + 1) {
    return leftOver(first, isOff.length, `${name}s`) ?? `${name}s from ${first} on`;
  }
  if (off.at(-1) === off.length - 1) return `the first ${off.length} ${name}s`;
  if (off.length <= 4) return `${name}s ${off.join(", ")}`;
  return undefined;
}

/** Block lengths that kernels work in. */
const BLOCKS = [1024, 512, 256, 128, 64, 32, 16, 8, 4];

/** What comes after the last whole block of a length that kernels work in. */
function leftOver(first: number, length: number, names: string): string | undefined {
  const block = BLOCKS.find((block) => first % block === 0 && length - first < block && first > 0);
  if (block === undefined) return undefined;
  return `the ${names} after the last whole block of ${block}: ${first} to ${length - 1}`;
}

function byValue({ isOff, x }: OffElements): string | undefined {
  if (x === undefined || x.length !== isOff.length) return undefined;
  const conditions: readonly [string, (value: number) => boolean][] = [
    ["where x is 0", (value) => value === 0],
    ["where x is not 0", (value) => value !== 0],
    ["where x is negative", (value) => value < 0],
    ["where x is positive", (value) => value > 0],
  ];
  return conditions.find(([, holds]) => isOff.every((off, i) => off === holds(x[i]!)))?.[0];
}

/** Of images, the outermost positions. */
function atBorder({ shape, isOff }: OffElements): string | undefined {
  if (shape.length !== 4) return undefined;
  const isEdge = (i: number) =>
    indexAt(i, shape).slice(1, 3).some((at, axis) => at === 0 || at === shape[axis + 1]! - 1);
  return isOff.every((off, i) => off === isEdge(i)) ? "the border of the images" : undefined;
}

function atEnd({ isOff }: OffElements): string | undefined {
  const first = isOff.indexOf(true);
  if (!isOff.slice(first).every(Boolean)) return undefined;
  return leftOver(first, isOff.length, "elements") ?? `elements from ${first} on, row-major`;
}
