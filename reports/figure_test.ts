import { assertEquals } from "@std/assert";
import { decades, powersAround } from "./figure.ts";

Deno.test("powersAround are around what a log scale can show", () => {
  assertEquals(powersAround([3, 0.02, 700]), [0.01, 1000]);
  assertEquals(powersAround([5, 0, -3, NaN, Infinity]), [1, 10]);
  assertEquals(powersAround([]), [1, 10]);
  assertEquals(powersAround([5e-324, 1.7e308]), [1e-306, 1e307]);
  assertEquals(powersAround(Array(200_000).fill(1)), [1, 1]);
});

Deno.test("decades are eight at most, however far apart the ends are", () => {
  assertEquals(decades(0.01, 100), [0.01, 0.1, 1, 10, 100]);
  assertEquals(decades(...powersAround([5e-324, 1.7e308])).length <= 8, true);
});
