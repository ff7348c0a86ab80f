import {
  assert,
  assertAlmostEquals,
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
  IEEE_FLUSHING,
  matMul,
  mean,
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
    return error === 0 ? worst : Math.max(worst, error / expected.careful[i]!);
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
  const { careful } = squareRoot(
    new Bounded([2], Float64Array.of(0, 1e-9), Float64Array.of(1e-8, 1e-8)),
  );
  assertLessOrEqual(Math.sqrt(1e-8), careful[0]!);
  assertLessOrEqual(Math.sqrt(1.1e-8) - Math.sqrt(1e-9), careful[1]!);
});

Deno.test("a quotient has no bound where the divisor may be zero", () => {
  const divisor = new Bounded([2], Float64Array.of(1, 1), Float64Array.of(0.5, 1));
  const { careful } = divide(Bounded.exact([1], []), divisor);
  assertLess(careful[0]!, 1.01);
  assertEquals(careful[1], Infinity);
});

Deno.test("less exact hardware is allowed more roundings", () => {
  const three = Bounded.exact([3], []);
  const seven = Bounded.exact([7], [], WGSL);
  assertEquals(divide(three, seven).careful[0], 5 * (3 / 7) * UNIT_ROUNDOFF);
  assertEquals(squareRoot(seven).careful[0], 9 * Math.sqrt(7) * UNIT_ROUNDOFF);
  assertEquals(multiply(three, seven).careful[0], 2 * 21 * UNIT_ROUNDOFF);
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
    reshape(coarse, [1]),
    transpose(coarse, [1, 0]),
  ];
  for (const { arithmetic } of results) assertEquals(arithmetic, WGSL);
  const flushing = Bounded.exact([1], [1, 1], IEEE_FLUSHING);
  assertEquals(add(flushing, fine).arithmetic, IEEE_FLUSHING);
  assertEquals(add(flushing, coarse).arithmetic, WGSL);
  assertEquals(add(fine, fine).arithmetic, IEEE);
});

Deno.test("zero times a number without a bound is zero", () => {
  const unbounded = new Bounded([1], Float64Array.of(1), Float64Array.of(Infinity));
  const { values, careful } = multiply(unbounded, Bounded.exact([0], []));
  assertEquals([values[0], careful[0]], [0, 0]);
});

Deno.test("a constant is rounded once, and a number below float32's range may be flushed to zero", () => {
  assertEquals(Bounded.constant(0.1).careful[0], 0.1 * UNIT_ROUNDOFF);
  assertEquals(Bounded.constant(-1e-40).careful[0], 1e-40);
  assertEquals(Bounded.constant(0).careful[0], 0);
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

Deno.test("sum: errors of the terms add up", () => {
  const bounded = new Bounded([3], Float64Array.of(0, 0, 0), Float64Array.of(1, 2, 4));
  assertEquals(Array.from(sum(bounded, [0]).careful), [7 * (1 + 2 * UNIT_ROUNDOFF)]);
});

for (
  const [n, careful, anyOrder] of [[1, 0, 0], [2, 1, 1], [64, 63, 63], [65, 64, 64], [
    4096,
    69,
    4095,
  ]]
) {
  Deno.test(`sum: ${n} terms are charged ${careful} roundings, in any order ${anyOrder}`, () => {
    const total = sum(Bounded.exact(new Float64Array(n!).fill(1), [n!]), [0]);
    assertEquals(Array.from(total.careful), [careful! * UNIT_ROUNDOFF * n!]);
    assertEquals(Array.from(total.anyOrder), [anyOrder! * UNIT_ROUNDOFF * n!]);
  });
}

Deno.test("sum: the worst order of many terms is within the bound of any order, and loses digits by the careful one", () => {
  const tenths = new Float32Array(2 ** 17).fill(0.1);
  const { values, careful, anyOrder } = sum(Bounded.exact(tenths, [tenths.length]), [0]);
  const error = Math.abs(sequential(tenths) - values[0]!);
  assertLessOrEqual(error, anyOrder[0]!);
  assertGreater(error, 0.01 * anyOrder[0]!);
  assertGreater(error, 10 * careful[0]!);
});

Deno.test("both bounds go through every operation by the same rules", () => {
  const wide = (seed: string) => {
    const { bounded } = operand(seed, 1e-4, (z) => z + 3 * Math.sign(z));
    return new Bounded([COUNT], bounded.values, new Float64Array(COUNT), {
      anyOrder: bounded.careful,
    });
  };
  const narrow = (a: Bounded, bounds: Float64Array) => new Bounded(a.shape, a.values, bounds);
  const [a, b] = [wide("a"), wide("b")];
  for (const operation of [add, subtract, multiply, divide]) {
    const both = operation(a, b);
    for (const name of ["careful", "anyOrder"] as const) {
      assertEquals(both[name], operation(narrow(a, a[name]), narrow(b, b[name])).careful);
    }
  }
  const root = squareRoot(multiply(a, a));
  assertLess(root.careful[0]!, root.anyOrder[0]!);
});

Deno.test("what leaves the range of float32 is marked, and all that follows from it", () => {
  const large = Bounded.exact([1e20, 1, -1e20], [3]);
  const squares = multiply(large, large);
  assertEquals(squares.outOfRange, Uint8Array.of(1, 0, 1));
  assertEquals(divide(squares, Bounded.exact([1e20], [])).outOfRange, Uint8Array.of(1, 0, 1));
  assertEquals(squareRoot(squares).outOfRange, Uint8Array.of(1, 0, 1));
  assertEquals(sum(squares, [0]).outOfRange, Uint8Array.of(1));
  assertEquals(transpose(reshape(squares, [1, 3]), [1, 0]).outOfRange, Uint8Array.of(1, 0, 1));
  assertEquals(store(squares).outOfRange, Uint8Array.of(1, 0, 1));
  assertEquals(add(large, large).outOfRange, undefined);
  assertEquals(sum(Bounded.exact([3e38, 3e38, -3e38], [3]), [0]).outOfRange, Uint8Array.of(1));
});

Deno.test("infinity and NaN spread by the rules of IEEE 754, and have no bound", () => {
  const odd = new Bounded([3], Float64Array.of(Infinity, NaN, 1), Float64Array.of(0, 0, 0.5));
  const { values, careful, anyOrder, outOfRange } = multiply(odd, Bounded.exact([0, 1, 2], [3]));
  assertEquals([values, outOfRange], [Float64Array.of(NaN, NaN, 2), undefined]);
  assertEquals(careful.subarray(0, 2), Float64Array.of(0, 0));
  assertEquals(anyOrder, careful);
  assertEquals(sum(odd, [0]).careful, Float64Array.of(0));
  assertEquals(squareRoot(odd).values[0], Infinity);
});

Deno.test("subnormal numbers are exact inputs, unless they may be flushed to zero", () => {
  const tiny = [1e-40, -1e-30, 0];
  assertEquals(Bounded.exact(tiny, [3]).careful, Float64Array.of(0, 0, 0));
  assertEquals(Bounded.exact(tiny, [3], IEEE_FLUSHING).careful, Float64Array.of(1e-40, 0, 0));
  assertEquals(Bounded.exact(tiny, [3], WGSL).careful, Float64Array.of(1e-40, 0, 0));
});

Deno.test("sum: partial sums below the range are lost where they may be flushed to zero", () => {
  const terms = [3e-38, -2.5e-38, 1e-37];
  const { careful, anyOrder } = sum(Bounded.exact(terms, [3], IEEE_FLUSHING), [0]);
  assertLessOrEqual(5e-39, careful[0]!);
  assertLess(careful[0]!, 3e-38);
  assertEquals(anyOrder, careful);
  assertLess(sum(Bounded.exact(terms, [3]), [0]).careful[0]!, 1e-43);
});

Deno.test("a product below the range keeps 2^-150, or nothing where it may be flushed", () => {
  const product = (arithmetic: typeof IEEE) =>
    multiply(Bounded.exact([1e-20], [], arithmetic), Bounded.exact([-3e-20], [])).careful[0];
  assertEquals(product(IEEE), 2 ** -150);
  assertAlmostEquals(product(IEEE_FLUSHING)!, 3e-40, 1e-55);
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
    assertEquals(cube.careful[i], cube.values[i]! / 1000);
  }
});

Deno.test("reshape keeps the elements in their order", () => {
  const { shape, values, careful } = counting([2, 3]);
  const flat = reshape(counting([2, 3]), [3, 2]);
  assertEquals(shape, [2, 3]);
  assertEquals(flat.shape, [3, 2]);
  assertEquals([flat.values, flat.careful], [values, careful]);
});

Deno.test("store: what float32 cannot hold becomes infinite, and exactly so", () => {
  const wide = new Bounded(
    [4],
    Float64Array.of(1e39, -1e39, 0.1, NaN),
    Float64Array.of(1, 1, 1, 1),
  );
  const { values, careful } = store(wide);
  assertEquals(Array.from(values), [Infinity, -Infinity, 0.1, NaN]);
  assertEquals(Array.from(careful.subarray(0, 3)), [0, 0, 1]);
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
