/**
 * Large values of many records in little memory: their numbers are kept in arrays of numbers, and the rest
 * of them once for all that have the same.
 *
 * @module
 */

/** What values of one form have in common; each number in it stands for one of theirs. */
type Form = unknown;

/** Numbers of an array, eight megabytes. */
const BLOCK = 2 ** 20;

/** Where the numbers of a value are. */
interface Packed {
  readonly form: Form;
  readonly numbers: Float64Array;
  readonly start: number;
}

/** Values that are unpacked each time they are looked at. */
export class Packer {
  readonly #forms = new Map<string, Form>();
  readonly #shared = new Map<string, unknown>();
  #block = new Float64Array(0);
  #used = 0;

  /** A value of JSON, NaN and infinities included, that reads as the given one does, and is never changed. */
  pack<T extends object>(value: T): T {
    const numbers: number[] = [];
    const text = JSON.stringify(value, (_name, inner) => {
      if (typeof inner !== "number") return inner;
      numbers.push(inner);
      return 0;
    });
    let form = this.#forms.get(text);
    if (form === undefined) this.#forms.set(text, form = JSON.parse(text));
    if (this.#used + numbers.length > this.#block.length) {
      this.#block = new Float64Array(Math.max(BLOCK, numbers.length));
      this.#used = 0;
    }
    this.#block.set(numbers, this.#used);
    const packed: Packed = { form, numbers: this.#block, start: this.#used };
    this.#used += numbers.length;
    const target: Target = Array.isArray(value) ? [] : {};
    target.packed = packed;
    return new Proxy(target, UNPACKING) as T;
  }

  /** The same value for all that are equal. */
  share<T extends object>(value: T): T {
    const text = JSON.stringify(
      value,
      (_name, inner) => typeof inner === "number" ? String(inner) : inner,
    );
    if (!this.#shared.has(text)) this.#shared.set(text, value);
    return this.#shared.get(text) as T;
  }
}

/** Of the kind of its value, since `Array.isArray` asks for it. */
type Target = object & { packed?: Packed };

/** The last one, since its parts are looked at one after the other. */
let unpacked: { readonly packed?: Packed; readonly value: object } = { value: [] };

function unpack({ packed }: Target): object {
  if (unpacked.packed !== packed) unpacked = { packed: packed!, value: fill(packed!) };
  return unpacked.value;
}

function fill({ form, numbers, start }: Packed): object {
  let at = start;
  const inner = (part: unknown): unknown => {
    if (typeof part === "number") return numbers[at++];
    if (Array.isArray(part)) return part.map(inner);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, inner(each)]));
  };
  return inner(form) as object;
}

const UNPACKING: ProxyHandler<Target> = {
  get: (target, name) => Reflect.get(unpack(target), name),
  has: (target, name) => Reflect.has(unpack(target), name),
  ownKeys: (target) => Reflect.ownKeys(unpack(target)),
  getOwnPropertyDescriptor: (target, name) =>
    Reflect.getOwnPropertyDescriptor(unpack(target), name),
};
