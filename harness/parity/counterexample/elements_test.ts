import { assertEquals } from "@std/assert";
import { range } from "../../../norms/basics/shape.ts";
import { describeElements } from "./elements.ts";

/** Elements of an array of this shape, of which those that `is` holds for are off. */
function off(shape: readonly number[], is: (i: number) => boolean) {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, isOff: range(size).map(is) };
}

Deno.test("elements that are off are told by their place", () => {
  const cases: [string, ReturnType<typeof off>][] = [
    ["every element", off([4, 3], () => true)],
    ["its one element", off([1, 1], () => true)],
    ["element [2, 1] alone", off([4, 3], (i) => i === 7)],
    ["the last row", off([4, 3], (i) => i >= 9)],
    ["the first row", off([4, 3], (i) => i < 3)],
    ["the last column", off([4, 3], (i) => i % 3 === 2)],
    ["channel 1", off([2, 2, 3], (i) => i % 3 === 1)],
    ["the last sample", off([2, 2, 3], (i) => i >= 6)],
    ["every row but the first", off([4, 3], (i) => i >= 3)],
    ["rows from 3 on", off([8, 3], (i) => i >= 9)],
    [
      "the columns after the last whole block of 64: 64 to 69",
      off([2, 70], (i) => i % 70 >= 64),
    ],
    ["rows 0, 3", off([5, 2], (i) => i < 2 || (i >= 6 && i < 8))],
    [
      "the border of the images",
      off([1, 3, 3, 1], (i) => i !== 4),
    ],
    ["elements from 4 on, row-major", off([3, 3], (i) => i >= 4)],
    ["5 of 9 elements", off([3, 3], (i) => i % 2 === 0)],
  ];
  for (const [words, elements] of cases) assertEquals(describeElements(elements), words);
});

Deno.test("elements that are off are told by their group and by the value of x", () => {
  const x = [0, 1, -2, 0, 3, 0];
  const zeros = off([2, 3], (i) => x[i] === 0);
  assertEquals(describeElements({ ...zeros, x }), "where x is 0");
  const groups = [0, 1, 0, 1, 2, 2, 0, 1, 2];
  assertEquals(
    describeElements({ ...off([3, 3], (i) => groups[i] === 1), groups }),
    "group 1",
  );
});
