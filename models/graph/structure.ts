/**
 * Taking apart what a step returns, and putting other tensors in its place.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";

/** How what a step returns is put together: a tensor, nothing, or lists and records of such. */
export interface Structure<R> {
  /** The shape of the nest, for comparison. */
  readonly description: string;
  /** The tensors in it, in order. */
  tensors(result: R): Tensor[];
  /** The same with other tensors. */
  rebuild(tensors: readonly Tensor[]): R;
}

/**
 * The structure of a result.
 *
 * @throws {TypeError} where something else than tensors is in it: it would be the same in every step.
 */
export function structureOf<R>(result: R): Structure<R> {
  return part(result) as Structure<unknown> as Structure<R>;
}

function part(value: unknown): Structure<unknown> {
  if (value === undefined || value === null) {
    return { description: `${value}`, tensors: () => [], rebuild: () => value };
  }
  if (value instanceof tf.Variable) throw refusal("a variable");
  if (value instanceof tf.Tensor) {
    return {
      description: "tensor",
      tensors: (value) => [value as Tensor],
      rebuild: (tensors) => tensors[0],
    };
  }
  if (Array.isArray(value)) {
    return nest(value.map((_, i) => String(i)), value as never, (e) => e.map(([, v]) => v));
  }
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return nest(Object.keys(value), value as Record<string, unknown>, Object.fromEntries);
  }
  throw refusal(value instanceof Promise ? "a promise" : `a ${typeof value}`);
}

function refusal(what: string): TypeError {
  return new TypeError(
    `the step returns ${what}: a recorded step is synchronous, and returns tensors, lists or records ` +
      "of tensors, or nothing",
  );
}

function nest(
  keys: readonly string[],
  values: Readonly<Record<string, unknown>>,
  build: (entries: [string, unknown][]) => unknown,
): Structure<unknown> {
  const parts = keys.map((key) => part(values[key]));
  const counts = keys.map((key, i) => parts[i]!.tensors(values[key]).length);
  return {
    description: `{${keys.map((key, i) => `${key}: ${parts[i]!.description}`).join(", ")}}`,
    tensors: (value) => keys.flatMap((key, i) => parts[i]!.tensors((value as typeof values)[key])),
    rebuild(tensors) {
      let from = 0;
      return build(keys.map((key, i) => {
        const own = tensors.slice(from, from += counts[i]!);
        return [key, parts[i]!.rebuild(own)];
      }));
    },
  };
}
