/**
 * Deep equality as `@std/assert` understands it.
 *
 * `isDeepStrictEqual` of `node:util` is not it: that tells 0 from -0, and a plain object from one
 * without a prototype.
 *
 * @module
 */

/** Whether two values are the same number or reference; NaN equals itself, and 0 equals -0. */
function sameValueZero(a: unknown, b: unknown): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function sameConstructor(a: object, b: object): boolean {
  return (a.constructor ?? Object) === (b.constructor ?? Object);
}

/** What stands for an object whose state is not in its properties; `undefined` for all others. */
function primitiveForm(value: object): number | string | undefined {
  if (value instanceof Date) return value.getTime();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  return undefined;
}

/** Entries of a `Map`, or each element of a `Set` as an entry. */
function entriesOf(value: object): [unknown, unknown][] | undefined {
  return value instanceof Map || value instanceof Set ? [...value.entries()] : undefined;
}

type Equality = (a: unknown, b: unknown) => boolean;

/** Whether each entry of `a` has an equal partner of its own in `b`, in whatever order. */
function sameEntries(
  a: [unknown, unknown][],
  b: [unknown, unknown][],
  same: Equality,
): boolean {
  if (a.length !== b.length) return false;
  const unmatched = [...b];
  return a.every(([key, value]) => {
    const partner = unmatched.findIndex((other) => same(key, other[0]) && same(value, other[1]));
    if (partner === -1) return false;
    unmatched.splice(partner, 1);
    return true;
  });
}

function sameProperties(a: object, b: object, same: Equality): boolean {
  const keys = Reflect.ownKeys(a);
  return keys.length === Reflect.ownKeys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key)));
}

/** The elements of a typed array or buffer; as properties they would take many times longer. */
function elementsOf(value: object): ArrayLike<unknown> | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? value as Float64Array
    : undefined;
}

function sameElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameValueZero(a[i], b[i])) return false;
  return true;
}

/** Compares two objects of one class by what they hold. */
function sameContents(a: object, b: object, same: Equality): boolean {
  const form = primitiveForm(a);
  if (form !== undefined) return sameValueZero(form, primitiveForm(b));
  const entries = entriesOf(a);
  if (entries) return sameEntries(entries, entriesOf(b) ?? [], same);
  const elements = elementsOf(a);
  if (elements) return sameElements(elements, elementsOf(b) ?? []);
  return sameProperties(a, b, same);
}

/** Whether `a` and `b` have the same constructors and, all the way down, the same contents. */
export function equal(a: unknown, b: unknown): boolean {
  // Pairs under comparison: meeting one again means a cycle, which holds if everything else does.
  const underway = new Map<object, object>();

  function same(a: unknown, b: unknown): boolean {
    if (sameValueZero(a, b)) return true;
    if (!isObject(a) || !isObject(b) || !sameConstructor(a, b)) return false;
    if (underway.get(a) === b) return true;
    underway.set(a, b);
    const result = sameContents(a, b, same);
    underway.delete(a);
    return result;
  }

  return same(a, b);
}
