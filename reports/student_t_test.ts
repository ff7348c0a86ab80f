import { assert, assertAlmostEquals } from "@std/assert";
import { quantileOfT, twoSidedP } from "./student_t.ts";

Deno.test("quantileOfT gives the values of the printed tables, and whole shares between", () => {
  for (
    const [degrees, expected] of [
      [1, 12.706204736174694],
      [2, 4.302652729749462],
      [4, 2.776445105197793],
      [9, 2.262157162798205],
      [30, 2.0422724563012378],
      // As Welch's test asks for them; between the values of 2 and 3.
      [2.7, 3.3921483831737493],
    ] as const
  ) assertAlmostEquals(quantileOfT(0.975, degrees), expected, 1e-12);
});

Deno.test("twoSidedP inverts the quantile, and knows the closed form of two degrees", () => {
  for (const degrees of [1, 2, 2.7, 5, 40]) {
    assertAlmostEquals(twoSidedP(quantileOfT(0.975, degrees), degrees), 0.05, 1e-13);
  }
  for (const t of [-30, 0.1, 1, 4]) {
    assertAlmostEquals(twoSidedP(t, 2), 1 - Math.abs(t) / Math.sqrt(t * t + 2), 1e-14);
  }
});

Deno.test("twoSidedP is 1 at 0 and never more", () => {
  for (const degrees of [1, 1.3, 2, 9, 30]) {
    const p = twoSidedP(1e-12, degrees);
    assert(p <= 1);
    assertAlmostEquals(p, 1, 1e-10);
  }
});

Deno.test("twoSidedP keeps its digits where p is tiny or the degrees are many", () => {
  for (
    const [t, degrees, expected] of [
      [7.056410014866823, 116.50000000000031, 2 * 6.577518832744085e-11],
      [36.11886480845321, 3000, 1.6184519443539672e-237],
      [200, 1, 2 * Math.atan(1 / 200) / Math.PI],
    ] as const
  ) assertAlmostEquals(twoSidedP(t, degrees) / expected, 1, 1e-12);
});
