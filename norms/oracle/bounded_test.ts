import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { standardNormal, uniformStream } from "../basics/random.ts";
import { type Shape, size } from "../basics/shape.ts";
import {
  add,
  Bounded,
  divide,
  IEEE,
  matMul,
  mean,
  meanSquareOfCentred,
  multiply,
  reshape,
  squareRoot,
  store,
  subtract,
  sum,
  transpose,
  UNIT_ROUNDOFF,
  WGSL,
} from "./bounded.ts";

const COUNT = 1000;

/** Float32 values around `offset`, the same for the same seed. */
function floats(count: number, seed: string, offset = 0): Float32Array {
  return Float32Array.from(standardNormal(count, uniformStream(seed)), (z) => offset + z);
}

/** 0, 1, 2 … in this shape, with bounds a thousandth of that. */
function counting(shape: Shape): Bounded {
  const values = Float64Array.from({ length: size(shape) }, (_, i) => i);
  return new Bounded(shape, values, values.map((value) => value / 1000));
}

/** Largest error of `got` in units of the bounds. */
function worstRatio(got: ArrayLike<number>, expected: Bounded): number {
  return expected.values.reduce((worst, value, i) => {
    const error = Math.abs(got[i]! - value);
    return error === 0 ? worst : Math.max(worst, error / expected.bounds[i]!);
  }, 0);
}

/** Asserts that float32 keeps within the bounds, and uses at least `share` of them somewhere. */
function assertTight(got: ArrayLike<number>, expected: Bounded, share: number): void {
  const ratio = worstRatio(got, expected);
  assertLessOrEqual(ratio, 1);
  assertGreater(ratio, share);
}

/** An operand whose float32 value is as far off as its bound allows, now up, now down. */
interface Operand {
  readonly bounded: Bounded;
  readonly float32: Float32Array;
}

/** Float32 values that are off by `error`; with none they are exact. */
function operand(seed: string, error: number, map = (z: number) => z): Operand {
  const float32 = floats(COUNT, seed).map(map);
  const uniform = uniformStream(`${seed}/sign`);
  const values = Float64Array.from(float32, (x) => x + (uniform() < 0.5 ? -error : error));
  return { bounded: new Bounded([COUNT], values, values.map(() => error)), float32 };
}

const BINARY = {
  add: { bounded: add, float32: (x: number, y: number) => x + y },
  subtract: { bounded: subtract, float32: (x: number, y: number) => x - y },
  multiply: { bounded: multiply, float32: (x: number, y: number) => x * y },
  divide: { bounded: divide, float32: (x: number, y: number) => x / y },
};

for (const [name, operation] of Object.entries(BINARY)) {
  for (const [kind, error] of [["exact", 0], ["inexact", 1e-4]] as const) {
    Deno.test(`${name}: float32 comes close to the bound of ${kind} operands, and stays within it`, () => {
      const a = operand("a", error);
      const b = operand("b", error, (z) => z + 3 * Math.sign(z));
      const got = a.float32.map((x, i) => operation.float32(x, b.float32[i]!));
      assertTight(got, operation.bounded(a.bounded, b.bounded), 0.9);
    });
  }
}

for (const [kind, error] of [["exact", 0], ["inexact", 1e-4]] as const) {
  Deno.test(`squareRoot: float32 comes close to the bound of ${kind} operands, and stays within it`, () => {
    const { bounded, float32 } = operand("a", error, (z) => 0.01 + Math.abs(z));
    assertTight(float32.map(Math.sqrt), squareRoot(bounded), 0.9);
  });
}

Deno.test("squareRoot: an argument that may be zero may move the root by the root of its bound", () => {
  const { bounds } = squareRoot(
    new Bounded([2], Float64Array.of(0, 1e-9), Float64Array.of(1e-8, 1e-8)),
  );
  assertLessOrEqual(Math.sqrt(1e-8), bounds[0]!);
  assertLessOrEqual(Math.sqrt(1.1e-8) - Math.sqrt(1e-9), bounds[1]!);
});

Deno.test("a quotient has no bound where the divisor may be zero", () => {
  const divisor = new Bounded([2], Float64Array.of(1, 1), Float64Array.of(0.5, 1));
  const { bounds } = divide(Bounded.exact([1], []), divisor);
  assertLess(bounds[0]!, 1.01);
  assertEquals(bounds[1], Infinity);
});

Deno.test("less exact hardware is allowed more roundings", () => {
  const three = Bounded.exact([3], []);
  const seven = Bounded.exact([7], [], WGSL);
  assertEquals(divide(three, seven).bounds[0], 5 * (3 / 7) * UNIT_ROUNDOFF);
  assertEquals(squareRoot(seven).bounds[0], 9 * Math.sqrt(7) * UNIT_ROUNDOFF);
  assertEquals(multiply(three, seven).bounds[0], 21 * UNIT_ROUNDOFF);
});

Deno.test("every result has the coarsest arithmetic of its operands", () => {
  const fine = Bounded.exact([1], [1, 1]);
  const coarse = Bounded.exact([1], [1, 1], WGSL);
  const results = [
    ...[add, subtract, multiply, divide, matMul].flatMap((operation) => [
      operation(fine, coarse),
      operation(coarse, fine),
    ]),
    ...[squareRoot, store].map((operation) => operation(coarse)),
    ...[sum, mean].map((operation) => operation(coarse, [0])),
    meanSquareOfCentred(coarse, coarse, [0]),
    reshape(coarse, [1]),
    transpose(coarse, [1, 0]),
  ];
  for (const { arithmetic } of results) assertEquals(arithmetic, WGSL);
  assertEquals(add(fine, fine).arithmetic, IEEE);
});

Deno.test("zero times a number without a bound is zero", () => {
  const unbounded = new Bounded([1], Float64Array.of(1), Float64Array.of(Infinity));
  const { values, bounds } = multiply(unbounded, Bounded.exact([0], []));
  assertEquals([values[0], bounds[0]], [0, 0]);
});

Deno.test("a constant is rounded once, and a number below float32's range may be flushed to zero", () => {
  assertEquals(Bounded.constant(0.1).bounds[0], 0.1 * UNIT_ROUNDOFF);
  assertEquals(Bounded.constant(-1e-40).bounds[0], 1e-40);
  assertEquals(Bounded.constant(0).bounds[0], 0);
});

/** Sum in float32, by halves. */
function pairwise(values: Float32Array): number {
  if (values.length === 1) return values[0]!;
  const half = Math.ceil(values.length / 2);
  return Math.fround(pairwise(values.subarray(0, half)) + pairwise(values.subarray(half)));
}

/** Sum in float32, one after the other. */
function sequential(values: Float32Array): number {
  return values.reduce((total, value) => Math.fround(total + value), 0);
}

for (const [count, offset] of [[1, 0], [7, 0], [1000, 0], [1000, 100], [4099, 1e4]] as const) {
  Deno.test(`sum, mean: ${count} values at offset ${offset}, added pairwise, are within the bounds`, () => {
    for (let trial = 0; trial < 10; trial++) {
      const x = floats(count, `${trial}`, offset);
      const total = pairwise(x);
      const exact = Bounded.exact(x, [count]);
      assertLessOrEqual(worstRatio([total], sum(exact, [0])), 1);
      assertLessOrEqual(worstRatio([Math.fround(total / count)], mean(exact, [0])), 1);
    }
  });
}

Deno.test("sum: a bad order of many terms exceeds the bound", () => {
  const tenths = new Float32Array(2 ** 17).fill(0.1);
  const expected = sum(Bounded.exact(tenths, [tenths.length]), [0]);
  assertLessOrEqual(worstRatio([pairwise(tenths)], expected), 1);
  assertGreater(worstRatio([sequential(tenths)], expected), 10);
});

Deno.test("sum: errors of the terms add up", () => {
  const bounded = new Bounded([3], Float64Array.of(0, 0, 0), Float64Array.of(1, 2, 4));
  assertEquals(Array.from(sum(bounded, [0]).bounds), [7]);
});

Deno.test("matMul: pairwise sums of rounded products stay within the bound, inexact ones do not", () => {
  const [m, k, n] = [3, 129, 4];
  const a = floats(m * k, "a", 10);
  const b = floats(k * n, "b", 10);
  const products = (i: number, j: number) =>
    Float32Array.from({ length: k }, (_, l) => a[i * k + l]! * b[l * n + j]!);
  const each = (total: (terms: Float32Array) => number) =>
    Array.from({ length: m * n }, (_, at) => total(products(Math.floor(at / n), at % n)));
  const expected = matMul(Bounded.exact(a, [m, k]), Bounded.exact(b, [k, n]));
  assertEquals(expected.shape, [m, n]);
  assertTight(each(pairwise), expected, 0.01);
  const halfPrecision = (terms: Float32Array) => pairwise(terms.map((x) => Math.round(x * 8) / 8));
  assertGreater(worstRatio(each(halfPrecision), expected), 10);
});

/** Two-pass variance in float32. */
function twoPass(x: Float32Array): number {
  const mu = Math.fround(pairwise(x) / x.length);
  return Math.fround(pairwise(x.map((value) => Math.fround(value - mu) ** 2)) / x.length);
}

/** Mean of the squares less the square of the mean, in float32: wrong at large offsets. */
function onePass(x: Float32Array): number {
  const mu = Math.fround(pairwise(x) / x.length);
  const meanSquare = Math.fround(pairwise(x.map((value) => value ** 2)) / x.length);
  return Math.fround(meanSquare - Math.fround(mu ** 2));
}

for (const offset of [0, 10, 1e3, 1e4, 1e5]) {
  Deno.test(`meanSquareOfCentred: a two-pass variance at offset ${offset} is within the bound`, () => {
    for (let trial = 0; trial < 10; trial++) {
      const x = floats(256, `${trial}`, offset);
      const exact = Bounded.exact(x, [256]);
      const mu = mean(exact, [0]);
      const centred = subtract(exact, mu);
      const expected = meanSquareOfCentred(centred, mu, [0]);
      assertLessOrEqual(worstRatio([twoPass(x)], expected), 1);
      if (offset < 1e3) continue;
      assertGreater(worstRatio([onePass(x)], expected), 10);
      const independent = mean(multiply(centred, centred), [0]);
      assertGreater(independent.bounds[0]!, 10 * expected.bounds[0]!);
    }
  });
}

Deno.test("shapes of 1 and missing axes broadcast", () => {
  const column = counting([3, 1]);
  const row = counting([2]);
  const table = add(multiply(column, Bounded.exact([10], [])), row);
  assertEquals(table.shape, [3, 2]);
  assertEquals(Array.from(table.values), [0, 1, 10, 11, 20, 21]);
});

Deno.test("a middle axis broadcasts", () => {
  const product = multiply(counting([2, 1, 2]), Bounded.exact([1, 10, 100], [3, 1]));
  assertEquals(product.shape, [2, 3, 2]);
  assertEquals(Array.from(product.values), [0, 1, 0, 10, 0, 100, 2, 3, 20, 30, 200, 300]);
});

Deno.test("sum and mean keep the axes they run over, with length 1", () => {
  const cube = counting([2, 3, 2]);
  assertEquals(sum(cube, [0, 2]).shape, [1, 3, 1]);
  assertEquals(Array.from(sum(cube, [0, 2]).values), [14, 22, 30]);
  assertEquals(Array.from(mean(cube, [1]).values), [2, 3, 8, 9]);
});

Deno.test("transpose moves values and bounds alike", () => {
  const cube = transpose(counting([2, 3, 4]), [2, 0, 1]);
  assertEquals(cube.shape, [4, 2, 3]);
  for (let i = 0; i < cube.values.length; i++) {
    const [a, b, c] = [Math.floor(i / 6), Math.floor(i / 3) % 2, i % 3];
    assertEquals(cube.values[i], b * 12 + c * 4 + a);
    assertEquals(cube.bounds[i], cube.values[i]! / 1000);
  }
});

Deno.test("reshape keeps the elements in their order", () => {
  const { shape, values, bounds } = counting([2, 3]);
  const flat = reshape(counting([2, 3]), [3, 2]);
  assertEquals(shape, [2, 3]);
  assertEquals(flat.shape, [3, 2]);
  assertEquals([flat.values, flat.bounds], [values, bounds]);
});

Deno.test("store: what float32 cannot hold becomes infinite, and exactly so", () => {
  const wide = new Bounded(
    [4],
    Float64Array.of(1e39, -1e39, 0.1, NaN),
    Float64Array.of(1, 1, 1, 1),
  );
  const { values, bounds } = store(wide);
  assertEquals(Array.from(values), [Infinity, -Infinity, 0.1, NaN]);
  assertEquals(Array.from(bounds.subarray(0, 3)), [0, 0, 1]);
});

Deno.test("arrays that do not fit together are refused", () => {
  const square = counting([2, 2]);
  const message = (run: () => unknown) => assertThrows(run, RangeError).message;
  assertEquals(
    message(() => new Bounded([2], new Float64Array(3), new Float64Array(2))),
    "shape [2] does not hold 3 values and 2 bounds",
  );
  assertEquals(
    message(() => add(square, counting([3]))),
    "shapes [2, 2] and [3] do not broadcast",
  );
  assert(message(() => reshape(square, [3])).startsWith("shape [3] does not hold 4 values"));
  for (const other of [counting([3, 2]), counting([2])]) {
    assert(message(() => matMul(square, other)).endsWith("are not factors of a matrix product"));
  }
});
