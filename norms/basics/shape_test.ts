import { assertEquals, assertThrows } from "@std/assert";
import {
  broadcastAxes,
  dropAxes,
  keepAxes,
  lengthOf,
  otherAxes,
  reductionLength,
  resolveAxes,
  size,
  sortPermutation,
} from "./shape.ts";

Deno.test("axes count from the end where they are negative, and keep their order", () => {
  assertEquals(resolveAxes(-1, 4), [3]);
  assertEquals(resolveAxes([-1, 1, -4], 4), [3, 1, 0]);
});

Deno.test("axes that no input of the rank has are refused, with the range", () => {
  for (const axis of [3, -4, 0.5, NaN]) {
    const { message } = assertThrows(() => resolveAxes(axis, 3), RangeError);
    assertEquals(
      message,
      `axis ${axis} is out of range for an input of rank 3: use an integer from -3 to 2`,
    );
  }
});

Deno.test("what is no number is refused as an axis, also where no type checker looks", () => {
  for (const axis of ["x", false, null, {}] as unknown as number[]) {
    assertThrows(() => resolveAxes(axis, 2), RangeError, `axis ${axis} is out of range`);
  }
});

Deno.test("an axis named twice, or none, is refused", () => {
  assertThrows(() => resolveAxes([1, -1], 2), RangeError, "axis 1 is named twice in [1, -1]");
  assertThrows(() => resolveAxes([], 2), RangeError, "axis is empty: name at least one");
});

Deno.test("shapes are counted, kept and dropped by axes", () => {
  const shape = [2, 3, 4, 5];
  assertEquals(size(shape), 120);
  assertEquals(size([]), 1);
  assertEquals(otherAxes([1, 3], 4), [0, 2]);
  assertEquals(keepAxes(shape, [1, 3]), [1, 3, 1, 5]);
  assertEquals(dropAxes(shape, [1, 3]), [2, 1, 4, 1]);
  assertEquals(reductionLength(shape, [1, 3]), 15);
  assertEquals(reductionLength(shape, []), 1);
  assertEquals(lengthOf(shape, 2), 4);
  assertThrows(() => lengthOf(shape, 4), RangeError, "axis 4 does not exist in shape [2, 3, 4, 5]");
});

Deno.test("a permutation sorts axes, also those of two digits", () => {
  assertEquals(sortPermutation([3, 1, 2]), [1, 2, 0]);
  assertEquals(sortPermutation([10, 9]), [1, 0]);
});

Deno.test("the axes of a broadcast are those of length 1 that grew", () => {
  assertEquals(broadcastAxes([1, 3, 1, 1], [2, 3, 1, 5]), [0, 3]);
});
