import { assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { standardNormal, uniformStream } from "../basics/random.ts";
import { Bounded } from "./bounded.ts";
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
import { projectBackward, standardize, standardizeBy } from "./standardized.ts";

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
  const arrangement = {
    shape: [x.length, 1],
    axes: [0],
    parameterShape: [1],
    parameterPermutation: [0],
    parameterView: [1, 1],
  };
  const standardized = standardize(Bounded.exact(x, [x.length, 1]), { axes: [0], epsilon });
  const upstream = Bounded.exact(dy, [x.length, 1]);
  const { dxhat, parameters } = affineBackward(standardized, inputs, arrangement, upstream);
  return {
    mean: standardized.mean,
    variance: standardized.variance,
    y: affineForward(standardized.xhat, inputs, arrangement),
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
function worstRatios(algorithms: readonly Algorithm[], n: number, offset: number, kind: Kind) {
  const worst = Object.fromEntries(QUANTITIES.map((name) => [name, 0]));
  for (const upstream of Object.keys(UPSTREAM)) {
    for (let seed = 0; seed < 12; seed++) {
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

for (const [kind, algorithms] of [["careful", CAREFUL], ["anyOrder", ANY]] as const) {
  for (const n of [1, 2, 5, 64, 700]) {
    for (const offset of [0, 3, 100, 1e4]) {
      Deno.test(`${kind}: ${algorithms.length} algorithms on ${n} values at offset ${offset}`, () => {
        const worst = worstRatios(algorithms, n, offset, kind);
        console.log(kind, n, offset, JSON.stringify(worst, (_, v) => typeof v === "number" ? +v.toPrecision(2) : v));
        for (const [name, ratio] of Object.entries(worst)) assertLessOrEqual(ratio, 1, name);
      });
    }
  }
}
