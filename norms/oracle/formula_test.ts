import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import { type Distribution, normal, uniform } from "../../fixtures/distribution.ts";
import type { BoundedArrays, Operation } from "../basics/norm.ts";
import type { NormOptions } from "../basics/options.ts";
import { uniformStream } from "../basics/random.ts";
import { type Shape, size } from "../basics/shape.ts";
import { normByName } from "../registry.ts";
import { Bounded } from "./bounded.ts";
import { defineOperation, type Expression } from "./formula.ts";

/** A random array, the same for the same seed. */
function draw(distribution: Distribution, shape: Shape, seed: string): Bounded {
  return Bounded.exact(distribution.sample(shape, uniformStream(seed)), shape);
}

type Formula = (inputs: Readonly<Record<"x" | "w", Expression>>) => Expression;

/** Every operation, in a shape that it takes; `w` has the shape of `x` unless it is given. */
const OPERATIONS: Readonly<Record<string, readonly [f: Formula, x?: Shape, w?: Shape]>> = {
  add: [({ x, w }) => x.add(w), [3, 4], [4]],
  "add a number": [({ x }) => x.add(0.7)],
  sub: [({ x, w }) => x.sub(w), [3, 1], [2, 1, 4]],
  mul: [({ x, w }) => x.mul(w), [3, 4], [3, 1]],
  "mul with itself": [({ x }) => x.mul(x).mul(x)],
  div: [({ x, w }) => x.div(w), [4], [3, 4]],
  maximum: [({ x, w }) => x.maximum(w), [3, 4], [4]],
  minimum: [({ x, w }) => x.minimum(w)],
  relu: [({ x }) => x.sub(1).relu()],
  neg: [({ x }) => x.neg()],
  abs: [({ x }) => x.sub(1).abs()],
  square: [({ x }) => x.square()],
  sqrt: [({ x }) => x.sqrt()],
  rsqrt: [({ x }) => x.rsqrt()],
  pow: [({ x }) => x.pow(2.5)],
  "pow -1": [({ x }) => x.pow(-1)],
  exp: [({ x }) => x.exp()],
  log: [({ x }) => x.log()],
  tanh: [({ x }) => x.tanh()],
  erf: [({ x }) => x.erf()],
  sigmoid: [({ x }) => x.sigmoid()],
  softmax: [({ x }) => x.softmax()],
  "softmax of axis 0": [({ x }) => x.softmax(0)],
  logSoftmax: [({ x }) => x.logSoftmax()],
  "sum of all": [({ x }) => x.sum()],
  "sum of an axis": [({ x }) => x.sum(1)],
  "sum of axes, kept": [({ x }) => x.sum([0, 2], true), [2, 3, 4]],
  mean: [({ x }) => x.mean(-1)],
  max: [({ x }) => x.max(1, true)],
  "max of all": [({ x }) => x.max()],
  matMul: [({ x, w }) => x.matMul(w), [3, 4], [4, 2]],
  "matMul, transposed": [({ x, w }) => x.matMul(w, true, true), [4, 3], [2, 4]],
  "matMul of several": [({ x, w }) => x.matMul(w, false, true), [2, 3, 4], [2, 5, 4]],
  reshape: [({ x, w }) => x.reshape([2, -1]).mul(w), [3, 4], [2, 6]],
  expandDims: [({ x, w }) => x.expandDims(1).mul(w), [3, 4], [3, 2, 4]],
  transpose: [({ x, w }) => x.transpose([2, 0, 1]).mul(w), [2, 3, 4], [4, 2, 3]],
  "transpose without axes": [({ x, w }) => x.transpose().mul(w), [3, 4], [4, 3]],
  broadcastTo: [({ x, w }) => x.broadcastTo([3, 4]).mul(w), [4], [3, 4]],
  slice: [({ x, w }) => x.slice([1, 0], [2, 3]).mul(w), [3, 4], [2, 3]],
  "slice to the end": [({ x, w }) => x.slice(1).mul(w), [3, 4], [2, 4]],
  concat: [({ x, w }) => x.concat([w, x], -1).square(), [3, 4], [3, 2]],
};

function operationOf(formula: Formula, ofW: Shape): Operation {
  return defineOperation({ name: "tried", inputs: () => ({ w: ofW }), compute: formula });
}

/** The step of differences, and what may lie between them and a gradient, as in gradients_test.ts. */
const STEP = 1e-5;
const TOLERANCE = 10 * (STEP ** 2 + 2 ** -53 / STEP);

for (const [name, [formula, shape = [3, 4], ofW = shape]] of Object.entries(OPERATIONS)) {
  Deno.test(`${name}: gradients are the slopes of the value`, () => {
    const { oracle } = operationOf(formula, ofW);
    // Away from 0, which sqrt and log do not pass.
    const x = draw(uniform(0.5, 2), shape, `x of ${name}`);
    const w = draw(uniform(0.5, 2), ofW, `w of ${name}`);
    const inputs: BoundedArrays = { x, w };
    const y = oracle.forward(inputs, {})["y"]!;
    const dy = draw(normal(0, 1), y.shape, `dy of ${name}`);
    const gradients = oracle.backward(inputs, {}, dy);
    for (const input of ["x", "w"]) {
      const { values, shape } = inputs[input]!;
      assertEquals(gradients[input]!.shape, shape);
      const along = draw(normal(0, 1), shape, `${input} along ${name}`).values;
      const loss = (step: number) => {
        const moved = Bounded.exact(values.map((value, i) => value + step * along[i]!), shape);
        const { values: y } = oracle.forward({ ...inputs, [input]: moved }, {})["y"]!;
        return y.reduce((total, value, i) => total + value * dy.values[i]!, 0);
      };
      const slope = (loss(STEP) - loss(-STEP)) / (2 * STEP);
      const terms = gradients[input]!.values.map((value, i) => value * along[i]!);
      const scale = Math.max(
        Math.abs(loss(0)),
        terms.reduce((total, term) => total + Math.abs(term), 0),
      );
      const difference = slope - terms.reduce((total, term) => total + term, 0);
      assertLessOrEqual(Math.abs(difference), TOLERANCE * (scale + 1), `d${input}`);
    }
  });
}

const parameters = (shape: Shape) => ({ gamma: shape.slice(-1), beta: shape.slice(-1) });

/** y = gamma (x - mean) / sqrt(variance + epsilon) + beta. */
function standardization(axis: number, epsilonByDefault: number) {
  return defineOperation({
    name: "standardization",
    inputs: parameters,
    compute({ x, gamma, beta }, { epsilon = epsilonByDefault }: { epsilon?: number }) {
      const centred = x.sub(x.mean(axis, true));
      const variance = centred.square().mean(axis, true);
      return centred.div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
    },
  });
}

interface Twin {
  readonly norm: string;
  readonly options: NormOptions & Record<string, unknown>;
  readonly formula: Operation;
}

/** Norms of the registry, and the formulas that they are. */
const TWINS: readonly Twin[] = [
  { norm: "layer", options: {}, formula: standardization(-1, 1e-3) },
  { norm: "batch", options: { training: true }, formula: standardization(0, 1e-3) },
  { norm: "lp", options: { training: true, p: 2 }, formula: standardization(0, 1e-3) },
  {
    norm: "rms",
    options: {},
    formula: defineOperation({
      name: "rms twin",
      inputs: (shape) => ({ gamma: shape.slice(-1) }),
      compute: ({ x, gamma }) => x.div(x.square().mean(-1, true).add(1e-6).sqrt()).mul(gamma),
    }),
  },
  {
    norm: "weight",
    options: { units: 5 },
    formula: defineOperation({
      name: "weight twin",
      inputs: (shape) => ({ v: [shape.at(-1)!, 5], g: [5], bias: [5] }),
      compute: ({ x, v, g, bias }) =>
        x.matMul(v.mul(g.div(v.square().sum(0, true).sqrt()))).add(bias),
    }),
  },
];

/** `y` and the gradients of an operation, the latter as `dx` and so on. */
function quantitiesOf(
  { oracle }: Pick<Operation, "oracle">,
  inputs: BoundedArrays,
  options: NormOptions,
) {
  const y = oracle.forward(inputs, options)["y"]!;
  const gradients = oracle.backward(inputs, options, draw(normal(0, 1), y.shape, "dy"));
  return {
    y,
    ...Object.fromEntries(Object.entries(gradients).map(([name, g]) => [`d${name}`, g])),
  };
}

/** The most that the bounds of formulas are wider, by the offset of the data in deviations. */
const WIDER: readonly (readonly [offset: number, factor: number])[] = [[0, 8], [10, 25], [
  1000,
  500,
]];

for (const { norm: name, options, formula } of TWINS) {
  Deno.test(`${name}: its formula gives the values of its own oracle, within bounds not much wider`, () => {
    const norm = normByName(name);
    for (const [offset, factor] of WIDER) {
      for (const shape of [[6, 8], [40, 70]]) {
        for (const seed of [0, 1]) {
          const at = `offset ${offset}, shape ${shape}, seed ${seed}`;
          const specs = norm.inputs(shape, options);
          const inputs = Object.fromEntries(specs.map(({ name, shape }) => {
            const distribution = name === "x" ? normal(offset, 1) : uniform(0.5, 2);
            return [name, draw(distribution, shape, `${at} ${name}`)];
          }));
          const own = quantitiesOf(norm, inputs, options);
          const made = quantitiesOf(formula, inputs, options);
          assertEquals(Object.keys(made).sort(), Object.keys(own).sort());
          for (const [quantity, expected] of Object.entries(own)) {
            const got = (made as Record<string, Bounded>)[quantity]!;
            assertEquals(got.shape, expected.shape);
            const largest = Math.max(...expected.values.map(Math.abs));
            expected.values.forEach((value, i) => {
              assertLessOrEqual(
                Math.abs(got.values[i]! - value),
                1e-12 * largest,
                `${quantity}, ${at}`,
              );
              for (const kind of ["careful", "anyOrder"] as const) {
                assertLessOrEqual(
                  got[kind][i]!,
                  factor * expected[kind][i]!,
                  `${kind} bound of ${quantity}[${i}], ${at}`,
                );
              }
            });
          }
        }
      }
    }
  });
}

Deno.test("where rounding or a convention decides, any share of the gradient is right", () => {
  /** The least and the largest gradient that is right for each element, to 6 digits. */
  const rangesOf = (compute: (inputs: { readonly x: Expression }) => Expression, x: number[]) => {
    const { oracle } = defineOperation({ name: "tried", compute });
    const inputs = { x: Bounded.exact(x, [x.length]) };
    const { shape } = oracle.forward(inputs, {})["y"]!;
    const ones = Bounded.exact(new Float64Array(size(shape)).fill(1), shape);
    const { values, careful } = oracle.backward(inputs, {}, ones)["x"]!;
    const rounded = (value: number) => Math.round(value * 1e6) / 1e6 + 0;
    return Array.from(values, (g, i) => [rounded(g - careful[i]!), rounded(g + careful[i]!)]);
  };
  const [no, yes, any] = [[0, 0], [1, 1], [0, 1]];
  assertEquals(rangesOf(({ x }) => x.relu(), [-1, 0, 2]), [no, any, yes]);
  assertEquals(rangesOf(({ x }) => x.abs(), [-1, 0, 2]), [[-1, -1], [-1, 1], yes]);
  assertEquals(rangesOf(({ x }) => x.max(), [1, 3, 3, 2]), [no, any, any, no]);
  assertEquals(rangesOf(({ x }) => x.max(), [1, 3, 2, 2]), [no, yes, no, no]);
});

Deno.test("an operation describes its inputs, and states have no gradient", () => {
  const running = defineOperation({
    name: "running",
    inputs: (shape) => ({
      scale: shape.slice(-1),
      movingMean: { shape: shape.slice(-1), role: "state" },
      spread: { shape: [], positive: true },
    }),
    compute({ x, scale, movingMean, spread }, { training = false }: NormOptions) {
      const mean = training ? x.mean(0) : movingMean;
      const y = x.sub(mean).mul(scale).div(spread);
      return { y, movingMean: movingMean.mul(0.9).add(mean.mul(0.1)) };
    },
  });
  const specs = running.inputs([3, 4], {});
  assertEquals(specs.map(({ name, role, shape }) => `${name} ${role} [${shape}]`), [
    "x data [3,4]",
    "scale weight [4]",
    "movingMean state [4]",
    "spread weight []",
  ]);
  const inputs = Object.fromEntries(
    specs.map(({ name, shape }) => [name, draw(uniform(0.5, 2), shape, name)]),
  );
  const outputs = running.oracle.forward(inputs, { training: true });
  assertEquals(Object.keys(outputs), ["y", "movingMean"]);
  const gradients = running.oracle.backward(inputs, { training: true }, outputs["y"]!);
  assertEquals(Object.keys(gradients), ["x", "scale", "spread"]);
  assertEquals(running.groups([2, 3, 4], {}), { shape: [2, 3, 4], axes: [2] });
});

Deno.test("an input that the formula does not use has a gradient of zeros", () => {
  const { oracle } = operationOf(({ x }) => x.mul(2), [3]);
  const inputs = { x: draw(normal(0, 1), [2], "x"), w: draw(normal(0, 1), [3], "w") };
  const { w } = oracle.backward(inputs, {}, inputs.x);
  assertEquals([...w!.values, ...w!.careful], [0, 0, 0, 0, 0, 0]);
});

Deno.test("a formula that returns no y is refused", () => {
  const { oracle } = defineOperation({ name: "nothing", compute: ({ x }) => ({ z: x }) });
  const inputs = { x: draw(normal(0, 1), [2], "x") };
  assertThrows(() => oracle.forward(inputs, {}), TypeError, "the formula of nothing returned no y");
});

Deno.test("shapes that are bare lists of lengths are refused by their place", () => {
  const define = (shapes: unknown) => () =>
    defineOperation({ name: "swish", shapes: shapes as never, compute: ({ x }) => x });
  assertThrows(
    define([{ shape: [2] }, [4, 8], [1]]),
    TypeError,
    "shapes of operation swish: shapes[1] is no { shape: [4, 8] }",
  );
  assertThrows(define([null]), TypeError, "shapes[0] is no { shape: [4, 8] }");
  assertThrows(define([{ shape: [2.5] }]), TypeError, "shapes[0] is no");
  assertThrows(define({ shape: [4] }), TypeError, "shapes of operation swish is an object");
  assertEquals(define([{ shape: [] }, { shape: [3] }])().shapes, [{ shape: [] }, { shape: [3] }]);
});
