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

/** Up to float64 rounding. */
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

/** Position along each axis; those beyond the rank are absent. */
type Index = readonly [number, number, number, number, number];

const TRAIN = { training: true };
const UNCENTRED = { axis: [1, 2, 3], center: false };
const SCATTERED = { axis: [-1, 1, 2], epsilon: 1e-5 };
const THIRDS = { groups: 3, axis: 1 };

/**
 * Norms whose elements share statistics where the key of `group` is the same; `parameter` is an
 * element's position in gamma and beta.
 */
const STANDARDIZING: readonly (readonly [
  norm: string,
  shape: Shape,
  options: NormOptions & Record<string, unknown>,
  group: (index: Index) => readonly number[],
  parameter: (index: Index) => number,
])[] = [
  ["batch", [7, 3], TRAIN, ([, d]) => [d], ([, d]) => d],
  ["batch", [3, 4, 5, 2], { ...TRAIN, epsilon: 0.1 }, ([, , , c]) => [c], ([, , , c]) => c],
  ["batch", [3, 2, 4, 5], { ...TRAIN, axis: 1 }, ([, c]) => [c], ([, c]) => c],
  ["batch", [2, 3, 2, 3, 2], { ...TRAIN, axis: -3, scale: false }, (i) => [i[2]], (i) => i[2]],
  ["layer", [4, 6], {}, ([n]) => [n], ([, d]) => d],
  ["layer", [2, 3, 4, 5], UNCENTRED, ([n]) => [n], ([, h, w, c]) => (h * 4 + w) * 5 + c],
  ["layer", [2, 3, 4, 5], { axis: [2, 1] }, ([n, , , c]) => [n, c], ([, h, w]) => w * 3 + h],
  ["layer", [2, 3, 4, 5], SCATTERED, ([n]) => [n], ([, h, w, c]) => (c * 3 + h) * 4 + w],
  ["group", [2, 3, 4, 6], { groups: 2 }, (i) => [i[0], Math.floor(i[3] / 3)], (i) => i[3]],
  ["group", [2, 6, 3, 4], THIRDS, ([n, c]) => [n, Math.floor(c / 2)], ([, c]) => c],
  ["instance", [2, 3, 4, 5], {}, ([n, , , c]) => [n, c], ([, , , c]) => c],
  ["instance", [2, 5, 7], { axis: 1 }, ([n, c]) => [n, c], ([, c]) => c],
  ["rms", [4, 6], {}, ([n]) => [n], ([, d]) => d],
  [
    "rms",
    [2, 3, 4, 5],
    { axis: [3, 1], epsilon: 0.1 },
    (i) => [i[0], i[2]],
    (i) => i[3] * 3 + i[1],
  ],
];

const EPSILON = { batch: 1e-3, layer: 1e-3, group: 1e-3, instance: 1e-3, rms: 1e-6 };

for (const [name, shape, options, group, parameter] of STANDARDIZING) {
  Deno.test(`${name} of [${shape}], ${JSON.stringify(options)}: outputs as by loops`, () => {
    const norm = normByName(name);
    const inputs = drawInputs(norm, shape, options);
    const outputs = norm.oracle.forward(inputs, options);
    const x = inputs["x"]!.values;
    const positions = indices(shape) as unknown as Index[];
    const keys = positions.map((index) => group(index).join());
    const mean = name === "rms" ? new Map<string, number>() : means(x, keys);
    const centred = x.map((value, i) => value - (mean.get(keys[i]!) ?? 0));
    const variance = means(centred.map((value) => value ** 2), keys);
    const epsilon = options["epsilon"] as number ?? EPSILON[name as keyof typeof EPSILON];
    const at = positions.map(parameter);
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
  const { x, bias } = inputs;
  const y = indices([samples, units]).map(([n, u]) =>
    indices([features]).reduce(
      (total, [d]) => total + x!.values[n! * features + d!]! * w[d! * units + u!]!,
      bias!.values[u!]!,
    )
  );
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
