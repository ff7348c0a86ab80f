/**
 * The oracles' outputs against loops over single elements, which share no code with them.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { standardNormal, uniformStream } from "../basics/random.ts";
import type { Norm } from "../basics/norm.ts";
import type { NormOptions, WeightNormOptions } from "../basics/options.ts";
import { normByName } from "../registry.ts";
import { type Shape, size } from "../basics/shape.ts";
import { Bounded } from "./bounded.ts";

/** An input with random values: positive where it stands for a variance. */
function draw(name: string, shape: Shape): Bounded {
  const values = standardNormal(size(shape), uniformStream(name));
  return new Bounded(
    shape,
    name === "movingVariance" ? values.map((z) => 0.1 + z * z) : values,
    new Float64Array(values.length),
  );
}

function drawInputs(norm: Norm, shape: Shape, options: NormOptions): Record<string, Bounded> {
  return Object.fromEntries(
    norm.inputs(shape, options).map(({ name, shape }) => [name, draw(name, shape)]),
  );
}

/** Asserts equality up to float64 rounding. */
function assertClose(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  assertEquals(got.length, expected.length);
  for (let i = 0; i < got.length; i++) {
    assertAlmostEquals(got[i]!, expected[i]!, 1e-13 * (1 + Math.abs(expected[i]!)), `element ${i}`);
  }
}

/** Index of each element, row-major: `[0, 0]`, `[0, 1]` … */
function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, length) =>
      prefixes.flatMap((prefix) => Array.from({ length }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** Means of `values` over the elements with the same key, by key. */
function means(values: ArrayLike<number>, keys: readonly string[]): Map<string, number> {
  const lists = Map.groupBy(keys.keys(), (i) => keys[i]!);
  return new Map(
    [...lists].map(([key, list]) => [
      key,
      list.reduce((total, i) => total + values[i]!, 0) / list.length,
    ]),
  );
}

/** A norm whose elements share statistics where `group` is the same, and gamma where `parameter` is. */
interface Standardizing {
  readonly norm: string;
  readonly shape: Shape;
  readonly options: NormOptions & Record<string, unknown>;
  readonly group: (index: readonly number[]) => readonly number[];
  /** Row-major position in gamma and beta. */
  readonly parameter: (index: readonly number[]) => number;
}

const TRAIN = { training: true };

const STANDARDIZING: readonly Standardizing[] = [
  {
    norm: "batch",
    shape: [7, 3],
    options: TRAIN,
    group: ([_n, d]) => [d!],
    parameter: ([_n, d]) => d!,
  },
  {
    norm: "batch",
    shape: [3, 4, 5, 2],
    options: { ...TRAIN, epsilon: 0.1 },
    group: ([_n, _h, _w, c]) => [c!],
    parameter: ([_n, _h, _w, c]) => c!,
  },
  {
    norm: "batch",
    shape: [3, 2, 4, 5],
    options: { ...TRAIN, axis: 1 },
    group: ([_n, c]) => [c!],
    parameter: ([_n, c]) => c!,
  },
  {
    norm: "batch",
    shape: [2, 3, 2, 3, 2],
    options: { ...TRAIN, axis: -3, scale: false },
    group: ([_n, _a, c]) => [c!],
    parameter: ([_n, _a, c]) => c!,
  },
  {
    norm: "layer",
    shape: [4, 6],
    options: {},
    group: ([n]) => [n!],
    parameter: ([_n, d]) => d!,
  },
  {
    norm: "layer",
    shape: [2, 3, 4, 5],
    options: { axis: [1, 2, 3], center: false },
    group: ([n]) => [n!],
    parameter: ([_n, h, w, c]) => (h! * 4 + w!) * 5 + c!,
  },
  {
    norm: "layer",
    shape: [2, 3, 4, 5],
    options: { axis: [2, 1] },
    group: ([n, _h, _w, c]) => [n!, c!],
    parameter: ([_n, h, w]) => w! * 3 + h!,
  },
  {
    norm: "layer",
    shape: [2, 3, 4, 5],
    options: { axis: [-1, 1, 2], epsilon: 1e-5 },
    group: ([n]) => [n!],
    parameter: ([_n, h, w, c]) => (c! * 3 + h!) * 4 + w!,
  },
  {
    norm: "group",
    shape: [2, 3, 4, 6],
    options: { groups: 2 },
    group: ([n, _h, _w, c]) => [n!, Math.floor(c! / 3)],
    parameter: ([_n, _h, _w, c]) => c!,
  },
  {
    norm: "group",
    shape: [2, 6, 3, 4],
    options: { groups: 3, axis: 1 },
    group: ([n, c]) => [n!, Math.floor(c! / 2)],
    parameter: ([_n, c]) => c!,
  },
  {
    norm: "instance",
    shape: [2, 3, 4, 5],
    options: {},
    group: ([n, _h, _w, c]) => [n!, c!],
    parameter: ([_n, _h, _w, c]) => c!,
  },
  {
    norm: "instance",
    shape: [2, 5, 7],
    options: { axis: 1 },
    group: ([n, c]) => [n!, c!],
    parameter: ([_n, c]) => c!,
  },
  {
    norm: "rms",
    shape: [4, 6],
    options: {},
    group: ([n]) => [n!],
    parameter: ([_n, d]) => d!,
  },
  {
    norm: "rms",
    shape: [2, 3, 4, 5],
    options: { axis: [3, 1], epsilon: 0.1 },
    group: ([n, _h, w]) => [n!, w!],
    parameter: ([_n, h, _w, c]) => c! * 3 + h!,
  },
];

const EPSILON = { batch: 1e-3, layer: 1e-3, group: 1e-3, instance: 1e-3, rms: 1e-6 };

for (const { norm: name, shape, options, group, parameter } of STANDARDIZING) {
  Deno.test(`${name} of [${shape}], ${JSON.stringify(options)}: outputs as by loops`, () => {
    const norm = normByName(name);
    const inputs = drawInputs(norm, shape, options);
    const outputs = norm.oracle.forward(inputs, options);
    const x = inputs["x"]!.values;
    const keys = indices(shape).map((index) => group(index).join());
    const mean = name === "rms" ? new Map<string, number>() : means(x, keys);
    const centred = x.map((value, i) => value - (mean.get(keys[i]!) ?? 0));
    const variance = means(centred.map((value) => value ** 2), keys);
    const epsilon = options["epsilon"] as number ?? EPSILON[name as keyof typeof EPSILON];
    const at = indices(shape).map(parameter);
    const y = centred.map((value, i) => {
      const xhat = value / Math.sqrt(variance.get(keys[i]!)! + epsilon);
      return xhat * (inputs["gamma"]?.values[at[i]!] ?? 1) + (inputs["beta"]?.values[at[i]!] ?? 0);
    });
    assertClose(outputs["y"]!.values, y);
    if (name !== "batch") return;
    const follow = (moving: string, batch: Map<string, number>) =>
      inputs[moving]!.values.map((old, c) => 0.99 * old + (1 - 0.99) * batch.get(`${c}`)!);
    assertClose(outputs["movingMean"]!.values, follow("movingMean", mean));
    assertClose(outputs["movingVariance"]!.values, follow("movingVariance", variance));
  });
}

Deno.test("batch: momentum is the share that is kept, and the running variance may be unbiased", () => {
  const norm = normByName("batch");
  const options = { ...TRAIN, momentum: 0.75, unbiasedVariance: true };
  const inputs = {
    x: Bounded.exact([1, 2, 3, 6], [4, 1]),
    gamma: Bounded.exact([1], [1]),
    beta: Bounded.exact([0], [1]),
    movingMean: Bounded.exact([8], [1]),
    movingVariance: Bounded.exact([10], [1]),
  };
  const { movingMean, movingVariance, y } = norm.oracle.forward(inputs, options);
  // Mean 3, sum of squared deviations 14.
  assertClose(movingMean!.values, [0.75 * 8 + 0.25 * 3]);
  assertClose(movingVariance!.values, [0.75 * 10 + 0.25 * 14 / 3]);
  assertClose(y!.values, [-2, -1, 0, 3].map((centred) => centred / Math.sqrt(14 / 4 + 1e-3)));
});

for (const options of [{ training: false }, { training: true, trainable: false }]) {
  Deno.test(`batch with ${JSON.stringify(options)} uses the running statistics and keeps them`, () => {
    const norm = normByName("batch");
    const inputs = drawInputs(norm, [5, 3], options);
    const { x, gamma, beta, movingMean, movingVariance } = inputs;
    const y = x!.values.map((value, i) => {
      const c = i % 3;
      const xhat = (value - movingMean!.values[c]!) / Math.sqrt(movingVariance!.values[c]! + 1e-3);
      return gamma!.values[c]! * xhat + beta!.values[c]!;
    });
    const outputs = norm.oracle.forward(inputs, options);
    assertClose(outputs["y"]!.values, y);
    assertEquals(outputs["movingMean"], movingMean!);
    assertEquals(outputs["movingVariance"], movingVariance!);
  });
}

/** g v / ||v||, a norm for every last index. */
function kernel(v: Bounded, g: Bounded): number[] {
  const units = g.values.length;
  return Array.from(v.values, (value, i) => {
    const own = v.values.filter((_, j) => j % units === i % units);
    return g.values[i % units]! * value / Math.hypot(...own);
  });
}

Deno.test("weight, dense: outputs as by loops", () => {
  const [samples, features, units] = [4, 5, 3];
  const norm = normByName("weight");
  const options = { units } as NormOptions;
  const inputs = drawInputs(norm, [samples, features], options);
  const w = kernel(inputs["v"]!, inputs["g"]!);
  const y: number[] = [];
  for (let n = 0; n < samples; n++) {
    for (let u = 0; u < units; u++) {
      let total = inputs["bias"]!.values[u]!;
      for (let d = 0; d < features; d++) {
        total += inputs["x"]!.values[n * features + d]! * w[d * units + u]!;
      }
      y.push(total);
    }
  }
  assertClose(norm.oracle.forward(inputs, options)["y"]!.values, y);
});

Deno.test("weight, convolution: outputs as by loops", () => {
  const [samples, height, width, channels, units] = [2, 4, 5, 3, 2];
  const norm = normByName("weight");
  const options = { units, kernelSize: [2, 3], useBias: false } as WeightNormOptions;
  const inputs = drawInputs(norm, [samples, height, width, channels], options);
  const w = kernel(inputs["v"]!, inputs["g"]!);
  const y = indices([samples, height - 1, width - 2, units]).map(([n, i, j, u]) =>
    indices([2, 3, channels]).reduce((total, [k, l, c]) => {
      const at = ((n! * height + i! + k!) * width + j! + l!) * channels + c!;
      return total + inputs["x"]!.values[at]! * w[((k! * 3 + l!) * channels + c!) * units + u!]!;
    }, 0)
  );
  assertClose(norm.oracle.forward(inputs, options)["y"]!.values, y);
});
