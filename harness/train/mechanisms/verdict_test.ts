import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { MechanismClaim } from "./mechanism.ts";
import { judgeClaim } from "./verdict.ts";

function claim(expects: MechanismClaim["expects"], byRatio = false): MechanismClaim {
  const least = byRatio ? 1.2 : 0.2;
  const words = { says: "", source: "", published: "", value: "v", arm: "a", base: "b" };
  return { ...words, expects, least, byRatio };
}

function numbered(...values: number[]) {
  return new Map(values.map((value, number) => [number, value]));
}

function verdict(
  expects: MechanismClaim["expects"],
  differences: readonly number[],
): string {
  const base = numbered(...differences.map((_, i) => i));
  return judgeClaim(claim(expects), numbered(...differences.map((d, i) => i + d)), base).verdict;
}

Deno.test("a claim that one is higher needs an interval above zero and an effect of interest", () => {
  assertEquals(verdict("higher", [1, 1.1, 0.9]), "supported");
  assertEquals(verdict("higher", [-1, -1.1, -0.9]), "contradicted");
  assertEquals(verdict("higher", [0.01, 0.011, 0.012]), "contradicted");
  assertEquals(verdict("higher", [3, -2, 1]), "undecided");
});

Deno.test("a claim that one is lower is its mirror", () => {
  assertEquals(verdict("lower", [-1, -1.1, -0.9]), "supported");
  assertEquals(verdict("lower", [1, 1.1, 0.9]), "contradicted");
});

Deno.test("equality is supported only by an interval within the least effect", () => {
  assertEquals(verdict("equal", [0.01, -0.01, 0]), "supported");
  assertEquals(verdict("equal", [-1, -1.1, -0.9]), "contradicted");
  assertEquals(verdict("equal", [0.3, -0.3, 0.1]), "undecided");
  assertEquals(verdict("not higher", [-1, -1.1, -0.9]), "supported");
  assertEquals(verdict("not higher", [1, 1.1, 0.9]), "contradicted");
});

Deno.test("ratios are those of the geometric means, with their interval", () => {
  const judged = judgeClaim(claim("higher", true), numbered(2, 4, 8), numbered(1, 2, 3.8));
  assertEquals(judged.verdict, "supported");
  assertAlmostEquals(judged.effect, Math.cbrt(64 / 7.6), 1e-9);
  assertGreater(judged.interval![1], judged.effect);
});

Deno.test("an undecided claim says how many trials would decide it; one trial decides nothing", () => {
  const judged = judgeClaim(claim("higher"), numbered(3, -2, 1), numbered(0, 0, 0));
  assertGreater(judged.needed!, 3);
  assertEquals(judgeClaim(claim("higher"), numbered(3), numbered(0)).verdict, "undecided");
  assertEquals(judgeClaim(claim("higher"), new Map(), new Map()).trials, 0);
});
