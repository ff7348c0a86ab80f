import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { standardNormal, uniformStream } from "../basics/random.ts";
import { Bounded, IEEE_FLUSHING } from "./bounded.ts";
import { roundTo, type StorageType, storedAs } from "./storage.ts";

/** Neighbours and ties at both ends of each range. */
const ROUNDED: readonly (readonly [StorageType, number, number])[] = [
  ["float16", 1 + 2 ** -11, 1],
  ["float16", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
  ["float16", -1 - 1.01 * 2 ** -11, -1 - 2 ** -10],
  ["float16", 65504, 65504],
  ["float16", 65519.99, 65504],
  ["float16", 65520, Infinity],
  ["float16", -1e30, -Infinity],
  ["float16", 2 ** -24, 2 ** -24],
  ["float16", 2 ** -25, 0],
  ["float16", 1.01 * 2 ** -25, 2 ** -24],
  ["bfloat16", 1 + 2 ** -8, 1],
  ["bfloat16", 1.01, 1.0078125],
  ["bfloat16", 3.4e38, Infinity],
  ["bfloat16", 3.38e38, 254 * 2 ** 120],
  ["bfloat16", 1e-40, 2 ** -133],
];

for (const [type, value, expected] of ROUNDED) {
  Deno.test(`${type}: ${value} is stored as ${expected}`, () => {
    assertEquals(Math.abs(roundTo(type, value)), Math.abs(expected));
    assertEquals(Math.sign(roundTo(type, value)), expected === 0 ? 0 : Math.sign(expected));
  });
}

for (const type of ["float16", "bfloat16"] as const) {
  Deno.test(`${type}: what is rounded to it stays within the bounds, and comes close to them`, () => {
    const values = Float64Array.from(
      standardNormal(5000, uniformStream(type)),
      (z, i) => z * 2 ** (i % 40 - 22),
    );
    const { careful } = storedAs(Bounded.exact(values, [5000]), type);
    const ratios = values.map((value, i) => {
      const stored = roundTo(type, value);
      return stored === value ? 0 : Math.abs(stored - value) / careful[i]!;
    }).filter((_, i) => Math.abs(values[i]!) < 65000);
    assertLessOrEqual(Math.max(...ratios), 1);
    assertGreater(Math.max(...ratios), 0.95);
  });
}

Deno.test("float16: what is beyond 65504 is infinite, and unknown where the error decides", () => {
  const given = new Bounded(
    [4],
    Float64Array.of(70000, -65530, 65530, 100),
    Float64Array.of(1, 1, 20, 0),
    { anyOrder: Float64Array.of(1, 50, 20, 0) },
  );
  const { values, careful, anyOrder } = storedAs(given, "float16");
  assertEquals(values, Float64Array.of(Infinity, -Infinity, 65530, 100));
  assertEquals(careful, Float64Array.of(0, 0, Infinity, 2 ** -5));
  assertEquals(anyOrder, Float64Array.of(0, Infinity, Infinity, 2 ** -5));
  assertEquals(storedAs(given, "bfloat16").values, given.values);
});

Deno.test("exact zeros stay exact, and infinity, NaN and flags stay what they are", () => {
  const given = new Bounded(
    [3],
    Float64Array.of(0, NaN, -Infinity),
    new Float64Array(3),
    { outOfRange: Uint8Array.of(0, 1, 0) },
  );
  assertEquals(storedAs(given, "float16"), given);
});

Deno.test("float16: subnormal numbers keep half of 2^-24, or nothing where they are flushed", () => {
  const kept = storedAs(Bounded.exact([1e-6], [1]), "float16");
  const flushed = storedAs(Bounded.exact([1e-6], [1], IEEE_FLUSHING), "float16");
  assertEquals([kept.careful[0], flushed.careful[0]], [2 ** -25, 1e-6]);
});
