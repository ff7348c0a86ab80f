import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { perFeature } from "../basics/arrangement.ts";
import { standardNormal, uniformStream } from "../basics/random.ts";
import {
  type Arithmetic,
  Bounded,
  divide,
  IEEE,
  IEEE_FLUSHING,
  mean,
  multiply,
  subtract,
  sum,
} from "./bounded.ts";
import {
  type Backward,
  blocked,
  byDivision,
  byReciprocal,
  byRow,
  folded,
  type Group,
  lanes,
  merged,
  type Normalize,
  pairwise,
  reversed,
  sequential,
  shiftedAndScaled,
  shiftedByFirst,
  simplified,
  stepByStep,
  type TakeStatistics,
  throughFold,
  twoPass,
  uncentredOnePass,
  welford,
  withSums,
} from "./float32_testing.ts";
import { affineBackward, affineForward } from "./standardization.ts";
import { standardize } from "./group_statistics.ts";
import { standardizeBy } from "./standardized.ts";
import { projectBackward } from "./standardized_gradients.ts";

type Kind = "careful" | "anyOrder";

/** A way to compute forward and backward, and the order of its sums. */
interface Algorithm {
  readonly statistics: TakeStatistics;
  readonly normalize: Normalize;
  readonly backward: Backward;
  readonly sum: (terms: Float32Array) => number;
}

const CAREFUL: readonly Algorithm[] = [pairwise, blocked].flatMap((sum) =>
  [twoPass(sum), shiftedAndScaled(sum)].flatMap((statistics) =>
    [byDivision, byReciprocal].flatMap((normalize) =>
      [simplified, withSums, stepByStep].map((backward) => ({
        statistics,
        normalize,
        backward,
        sum,
      }))
    )
  )
);

const ANY: readonly Algorithm[] = [
  ...[sequential, reversed, lanes].flatMap((sum) =>
    [simplified, withSums, stepByStep, byRow, throughFold].map((backward) => ({
      statistics: twoPass(sum),
      normalize: folded,
      backward,
      sum,
    }))
  ),
  ...[welford, merged(1), merged(32), shiftedByFirst(sequential), twoPass(lanes)].flatMap((
    statistics,
  ) =>
    [byDivision, byReciprocal, folded].map((normalize) => ({
      statistics,
      normalize,
      backward: byRow,
      sum: sequential,
    }))
  ),
];

const UPSTREAM: Readonly<Record<string, (z: number, i: number) => number>> = {
  normal: (z) => z,
  level: (z) => 1 + z,
  ones: () => 1,
  cycle: (_z, i) => i % 2 === 0 ? 0.1 : 0.3,
};

function group(n: number, offset: number, seed: string, upstream: string, epsilon = 1e-3): Group {
  const draw = (name: string) => standardNormal(n, uniformStream(`${seed}/${n}/${offset}/${name}`));
  const [gamma, beta] = standardNormal(2, uniformStream(`${seed}/parameters`));
  return {
    x: Float32Array.from(draw("x"), (z) => offset + z),
    gamma: Math.fround(1 + gamma! / 2),
    beta: Math.fround(beta!),
    epsilon,
    dy: Float32Array.from(draw("dy"), UPSTREAM[upstream]!),
  };
}

/** What the oracle expects of a group. */
function expectedOf({ x, gamma, beta, epsilon, dy }: Group): Record<string, Bounded> {
  const inputs = { gamma: Bounded.exact([gamma], [1]), beta: Bounded.exact([beta], [1]) };
  const arrangement = perFeature([x.length, 1], -1);
  const standardized = standardize(Bounded.exact(x, [x.length, 1]), { axes: [0], epsilon });
  const upstream = Bounded.exact(dy, [x.length, 1]);
  const { dxhat, parameters } = affineBackward(standardized, inputs, arrangement, upstream);
  return {
    mean: standardized.mean,
    variance: standardized.variance,
    y: affineForward(standardized, inputs, arrangement),
    dx: projectBackward({ dxhat, standardized }),
    dgamma: parameters["gamma"]!,
  };
}

function computed(given: Group, { statistics, normalize, backward, sum }: Algorithm) {
  const normalized = normalize(given, statistics(given.x));
  const { dx, dgamma } = backward(given, normalized, sum);
  const { mean, variance, y } = normalized;
  return { mean: [mean], variance: [variance], y, dx, dgamma: [dgamma] };
}

/** The largest |got - expected| in units of the bounds. */
function worstRatio(got: ArrayLike<number>, { values, ...bounds }: Bounded, kind: Kind): number {
  return values.reduce((worst, value, i) => {
    const error = Math.abs(got[i]! - value);
    return error === 0 ? worst : Math.max(worst, error / bounds[kind][i]!);
  }, 0);
}

const QUANTITIES = ["mean", "variance", "y", "dx", "dgamma"] as const;

/** The largest ratio of each quantity over algorithms, seeds and upstream gradients. */
function worstRatios(
  algorithms: readonly Algorithm[],
  n: number,
  offset: number,
  kind: Kind,
): Record<string, number> {
  const worst: Record<string, number> = Object.fromEntries(QUANTITIES.map((name) => [name, 0]));
  for (const upstream of Object.keys(UPSTREAM)) {
    for (let seed = 0; seed < (n < 10 ? 24 : 4); seed++) {
      const given = group(n, offset, `${seed}`, upstream);
      const expected = expectedOf(given);
      for (const algorithm of algorithms) {
        const got = computed(given, algorithm);
        for (const name of QUANTITIES) {
          const ratio = worstRatio(got[name], expected[name]!, kind);
          worst[name] = Math.max(worst[name]!, ratio);
        }
      }
    }
  }
  return worst;
}

for (
  const [kind, algorithms, least] of [["careful", CAREFUL, 0.15], ["anyOrder", ANY, 0.1]] as const
) {
  Deno.test(`${kind}: ${algorithms.length} algorithms stay within the bounds, and none is much too wide`, () => {
    const worst: Record<string, number> = {};
    for (const n of [1, 2, 5, 64, 300]) {
      for (const offset of [0, 3, 100, 1e4]) {
        for (const [name, ratio] of Object.entries(worstRatios(algorithms, n, offset, kind))) {
          assertLessOrEqual(ratio, 1, `${name} of ${n} values at offset ${offset}`);
          worst[name] = Math.max(worst[name] ?? 0, ratio);
        }
      }
    }
    for (const [name, ratio] of Object.entries(worst)) assertGreater(ratio, least, name);
  });
}

Deno.test("a sum of equal terms, one after the other, comes close to what any order may lose", () => {
  const x = new Float32Array(2 ** 16).fill(0.1);
  const { mean } = standardize(Bounded.exact(x, [x.length]), { axes: [0], epsilon: 1e-3 });
  const total = Math.fround(sequential(x) / x.length);
  assertLessOrEqual(worstRatio([total], mean, "anyOrder"), 1);
  assertGreater(worstRatio([total], mean, "anyOrder"), 0.05);
  assertGreater(worstRatio([total], mean, "careful"), 10);
});

for (const offset of [300, 1e3, 1e4]) {
  Deno.test(`E[x^2] - E[x]^2 is beyond any order at offset ${offset}`, () => {
    const wrong = {
      statistics: uncentredOnePass(pairwise),
      normalize: byDivision,
      backward: simplified,
    };
    const given = group(64, offset, "uncentred", "normal");
    const expected = expectedOf(given);
    const got = computed(given, { ...wrong, sum: pairwise });
    for (const name of ["variance", "y", "dx"] as const) {
      assertGreater(worstRatio(got[name], expected[name]!, "anyOrder"), 1, name);
    }
  });
}

Deno.test("epsilon outside the root is beyond any order, on any number of values", () => {
  const misplaced: Normalize = (given, statistics) => {
    const { xhat, ...rest } = byDivision(given, { ...statistics, variance: statistics.variance });
    const deviation = Math.fround(Math.sqrt(statistics.variance) + given.epsilon);
    return {
      ...rest,
      xhat,
      y: given.x.map((x) => (x - rest.mean) / deviation * given.gamma + given.beta),
    };
  };
  for (const n of [5, 64, 4096]) {
    const given = group(n, 0, "epsilon", "normal");
    const { y } = misplaced(given, twoPass(blocked)(given.x));
    assertGreater(worstRatio(y, expectedOf(given)["y"]!, "anyOrder"), 1, `${n} values`);
  }
});

function medianOf(values: ArrayLike<number>): number {
  return Array.from(values).sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

Deno.test("what a group shares makes the bound of dgamma typically 9 times tighter at an offset, that of dx twice", () => {
  const factors = Array.from({ length: 15 }, (_, seed) => {
    const given = group(256, 1e4, `${seed}`, "normal");
    const { dgamma, dx } = expectedOf(given);
    const { xhat, deviation } = standardize(Bounded.exact(given.x, [256]), {
      axes: [0],
      epsilon: given.epsilon,
    });
    const dy = Bounded.exact(given.dy, [256]);
    const h = multiply(dy, Bounded.exact([given.gamma], []));
    const projection = multiply(xhat, mean(multiply(h, xhat), [0]));
    const apart = divide(subtract(subtract(h, mean(h, [0])), projection), deviation);
    return {
      dgamma: sum(multiply(dy, xhat), [0]).careful[0]! / dgamma!.careful[0]!,
      dx: medianOf(apart.careful.map((bound, i) => bound / dx!.careful[i]!)),
    };
  });
  assertGreater(medianOf(factors.map(({ dgamma }) => dgamma)), 9);
  assertGreater(medianOf(factors.map(({ dx }) => dx)), 2);
});

Deno.test("the error of a constant group is bounded, since epsilon keeps its deviation from zero", () => {
  const x = Bounded.exact(new Float64Array(256).fill(1234), [256]);
  const { xhat } = standardize(x, { axes: [0], epsilon: 1e-3 });
  assert(xhat.anyOrder.every((bound) => bound < 2));
  const unbounded = standardize(x, { axes: [0], epsilon: 0 }).xhat;
  assert(unbounded.careful.every((bound) => bound === Infinity));
});

for (
  const [x, epsilon, marked] of [
    [[1, 2, 3, 5], 1e-3, false],
    [[1e30, -1e30, 5e29, -2e30], 1e-3, true],
    [[1e18, -1e18, 5e18, -2e18], 1e-3, false],
    [[2e38, 2e38, 1e38, 3e38], 1e-3, true],
    [[1e-25, -1e-25, 3e-25, 0], 1e-3, false],
    [[1e-25, -1e-25, 3e-25, 0], 0, true],
  ] as const
) {
  Deno.test(`${x} with an epsilon of ${epsilon} ${marked ? "leaves" : "stays in"} the range`, () => {
    const { xhat, variance } = standardize(Bounded.exact([...x, 1, 2, 3, 4], [2, 4]), {
      axes: [1],
      epsilon,
    });
    assertEquals(variance.outOfRange, marked ? Uint8Array.of(1, 0) : undefined);
    assertEquals(xhat.outOfRange?.indexOf(0) ?? 0, marked ? 4 : 0);
  });
}

Deno.test("data near 1e30 keep a careful bound, for norms that scale them", () => {
  const x = Float32Array.of(1e30, -1e30, 5e29, -2e30);
  const { xhat } = standardize(Bounded.exact(x, [4]), { axes: [0], epsilon: 1e-3 });
  assert(xhat.careful.every((bound) => bound < 1e-5));
});

Deno.test("gradients beyond the range are marked, and those whose closed form cubes the deviation", () => {
  const marks = (x: number[], dy: number[]) => {
    const standardized = standardize(Bounded.exact(x, [4]), { axes: [0], epsilon: 0 });
    return projectBackward({ dxhat: Bounded.exact(dy, [4]), standardized }).outOfRange;
  };
  assertEquals(marks([1, 2, 3, 5], [1, 1, 2, 2]), undefined);
  assertEquals(marks([1, 2, 3, 5], [3e38, 1e38, 2e38, 3e38])?.includes(0), false);
  assertEquals(marks([1e14, 2e14, 3e14, 5e14], [1, 1, 2, 2])?.includes(0), false);
});

for (const odd of [NaN, Infinity]) {
  Deno.test(`${odd} stays in its group, where everything is expected to be NaN`, () => {
    const x = Bounded.exact([1, odd, 3, 4, 5, 7], [2, 3]);
    const standardized = standardize(x, { axes: [1], epsilon: 1e-3 });
    const dxhat = Bounded.exact([1, 2, 3, 1, 2, 3], [2, 3]);
    for (const result of [standardized.xhat, projectBackward({ dxhat, standardized })]) {
      assertEquals(result.values.subarray(0, 3), new Float64Array(3).fill(NaN));
      assertEquals(result.careful.subarray(0, 3), new Float64Array(3));
      assert(result.anyOrder.subarray(3).every((bound) => bound > 0 && bound < 1e-4));
    }
  });
}

Deno.test("what flushes subnormal numbers to zero may lose them, and what does not may not", () => {
  const tiny = [1e-39, -2e-39, 3e-39];
  const rms = (arithmetic: Arithmetic) =>
    standardize(Bounded.exact(tiny, [3], arithmetic), { axes: [0], epsilon: 1e-6, centred: false });
  const lost = rms(IEEE_FLUSHING).xhat;
  assertLessOrEqual(worstRatio([0, 0, 0], lost, "careful"), 1);
  assertGreater(worstRatio([0, 0, 0], rms(IEEE).xhat, "anyOrder"), 10);
});

Deno.test("inference folded into x a + b is within the bound of any order, and loses digits by the careful one", () => {
  const { x } = group(200, 1e3, "folded", "ones");
  const [movingMean, deviation] = [Math.fround(1000.3), Math.fround(1.7)];
  const { xhat } = standardizeBy(Bounded.exact(x, [200, 1]), {
    mean: Bounded.exact([movingMean], [1, 1]),
    deviation: Bounded.exact([deviation], [1, 1]),
    axes: [0],
  });
  const a = Math.fround(1 / deviation);
  const b = Math.fround(movingMean * a);
  const got = x.map((value) => Math.fround(value * a) - b);
  assertLessOrEqual(worstRatio(got, xhat, "anyOrder"), 1);
  assertGreater(worstRatio(got, xhat, "anyOrder"), 0.2);
  assertGreater(worstRatio(got, xhat, "careful"), 10);
});

/** y and gradients of v / ||v||, or of x / rms, in float32. */
function uncentred(v: Float32Array, dy: Float32Array, averaged: boolean, add: typeof pairwise) {
  const count = averaged ? v.length : 1;
  const deviation = Math.fround(Math.sqrt(Math.fround(add(v.map((x) => x * x)) / count)));
  const y = v.map((x) => x / deviation);
  const slope = Math.fround(add(dy.map((h, i) => h * y[i]!)) / count);
  return { y, dx: dy.map((h, i) => Math.fround(h - Math.fround(y[i]! * slope)) / deviation) };
}

for (const averaged of [true, false]) {
  Deno.test(`${averaged ? "a root mean square" : "a norm"} in float32 is within the bounds`, () => {
    let worst = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { x, dy } = group(48, 1, `${seed}`, "level");
      const standardized = standardize(Bounded.exact(x, [48]), {
        axes: [0],
        centred: false,
        averaged,
      });
      const dxhat = Bounded.exact(dy, [48]);
      const expected = {
        y: standardized.xhat,
        dx: projectBackward({ dxhat, standardized, averaged }),
      };
      for (const add of [pairwise, blocked, sequential, lanes]) {
        const got = uncentred(x, dy, averaged, add);
        for (const name of ["y", "dx"] as const) {
          const ratio = worstRatio(got[name], expected[name], "careful");
          assertLessOrEqual(ratio, 1, name);
          worst = Math.max(worst, ratio);
        }
      }
    }
    assertGreater(worst, 0.05);
  });
}
