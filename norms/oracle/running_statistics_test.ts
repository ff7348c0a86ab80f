import { assertGreater, assertLessOrEqual } from "@std/assert";
import { standardNormal, uniformStream } from "../basics/random.ts";
import { normByName } from "../registry.ts";
import { Bounded } from "./bounded.ts";
import { follow } from "./running_statistics.ts";

const f = Math.fround;

/** The largest error in units of the bound for any order. */
function worstRatio(got: ArrayLike<number>, { values, anyOrder }: Bounded): number {
  return Math.max(...values.map((value, i) => Math.abs(got[i]! - value) / anyOrder[i]!));
}

for (const [name, start] of [["zero", 0], ["what was there", 1]] as const) {
  Deno.test(`running statistics from ${name} may move by the difference, as Keras moves them`, () => {
    const draw = (seed: string) => Float32Array.from(standardNormal(2000, uniformStream(seed)));
    const batch = draw("batch");
    const moving = draw("moving").map((value) => start * value);
    const share = f(1 - 0.99);
    const expected = follow(Bounded.exact(moving, [2000]), Bounded.exact(batch, [2000]), 0.99, 1);
    const got = moving.map((value, i) => f(value + f(f(batch[i]! - value) * share)));
    assertLessOrEqual(worstRatio(got, expected), 1);
    assertGreater(worstRatio(got, expected), 0.2);
  });
}

for (
  const [name, gradient] of [
    ["a quotient", (h: number, s: number) => h / s],
    ["a product with a reciprocal", (h: number, s: number) => h * f(1 / s)],
  ] as const
) {
  Deno.test(`dx of a frozen batch norm may be ${name}`, () => {
    const n = 400;
    const [x, dy] = ["x", "dy"].map((seed) =>
      Float32Array.from(standardNormal(n, uniformStream(seed)))
    ) as [Float32Array, Float32Array];
    const [gamma, variance] = [f(1.3), f(0.7)];
    const one = (value: number) => Bounded.exact([value], [1]);
    const { x: dx } = normByName("batch").oracle.backward(
      {
        x: Bounded.exact(x, [n, 1]),
        gamma: one(gamma),
        beta: one(0),
        movingMean: one(0),
        movingVariance: one(variance),
      },
      { training: false },
      Bounded.exact(dy, [n, 1]),
    );
    const deviation = f(Math.sqrt(f(variance + f(1e-3))));
    const got = dy.map((value) => f(gradient(f(value * gamma), deviation)));
    assertLessOrEqual(worstRatio(got, dx!), 1);
    assertGreater(worstRatio(got, dx!), 0.1);
  });
}
