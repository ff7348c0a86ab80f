import { assert, assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import { testOnEveryBackend } from "../../harness/backend/backends_testing.ts";
import { implementationsOf } from "../frames/apply.ts";
import { groupNorm, groupNormalization } from "../group_norm.ts";
import { instanceNorm, instanceNormalization } from "../instance_norm.ts";
import { layerNorm, layerNormalization } from "../layer_norm.ts";
import { rmsNorm, rmsNormalization } from "../rms_norm.ts";
import type { Norm } from "./norm.ts";
import type { NormOptions } from "./options.ts";
import type { NormWithInverseRms, NormWithStatistics } from "./returned_statistics.ts";
import { broadcastIndex, dropAxes, type Shape } from "./shape.ts";
import { normalTensor, valuesOf } from "./tensors_testing.ts";
import type { Tensor, Tensors } from "./tensor.ts";
import * as tf from "./tf.ts";

interface Trial {
  readonly norm: Norm<never>;
  readonly shape: Shape;
  readonly options: object;
  readonly statistics: Shape;
  apply(x: Tensor, options: object): Tensors;
}

const EPSILON = 1e-5;

const asked = { returnStatistics: true, epsilon: EPSILON } as const;

function trial<O extends NormOptions>(
  norm: Norm<O>,
  apply: (x: Tensor, options: O & typeof asked) => NormWithStatistics | NormWithInverseRms,
  shape: Shape,
  options: O,
  statistics: Shape,
): Trial {
  return {
    ...{ norm: norm as unknown as Norm<never>, shape, options, statistics },
    apply(x, given) {
      const result = apply(x, { ...options, ...asked, ...given });
      return result instanceof tf.Tensor ? { y: result } : { ...result };
    },
  };
}

const TRIALS: readonly Trial[] = [
  trial(layerNorm, layerNormalization, [6, 5], {}, [6, 1]),
  trial(layerNorm, layerNormalization, [3, 4, 5, 2], { fromAxis: 1 }, [3, 1, 1, 1]),
  trial(layerNorm, layerNormalization, [3, 4, 5, 2], { axis: [3, 1] }, [3, 1, 5, 1]),
  trial(
    layerNorm,
    layerNormalization,
    [2, 3, 2, 2, 3, 2],
    { axis: [1, 3, 5] },
    [2, 1, 2, 1, 3, 1],
  ),
  trial(groupNorm, groupNormalization, [3, 5, 4, 6], { groups: 2 }, [3, 2]),
  trial(groupNorm, groupNormalization, [3, 6, 5, 4], { groups: 3, axis: 1 }, [3, 3]),
  trial(instanceNorm, instanceNormalization, [3, 5, 4], {}, [3, 4]),
  trial(rmsNorm, rmsNormalization, [6, 5], {}, [6, 1]),
  trial(rmsNorm, rmsNormalization, [3, 4, 5, 2], { fromAxis: 2 }, [3, 4, 1, 1]),
];

/** Mean and 1 / deviation of every group in float64, and to which group each element belongs. */
function statisticsOf({ norm, shape, options }: Trial, values: readonly number[]) {
  const { shape: view, axes } = norm.groups(shape, options as never);
  const groups = broadcastIndex(dropAxes(view, axes), view);
  const means = (of: readonly number[]) => {
    const sums = new Float64Array(Math.max(...groups) + 1);
    of.forEach((value, i) => sums[groups[i]!]! += value);
    return sums.map((sum) => sum * sums.length / of.length);
  };
  const mean = norm === rmsNorm as unknown ? new Float64Array(values.length) : means(values);
  const squares = means(values.map((value, i) => (value - mean[groups[i]!]!) ** 2));
  const inverse = squares.map((square) => 1 / Math.sqrt(square + EPSILON));
  return { mean, inverse, groups, count: values.length / inverse.length };
}

function assertNear(values: readonly number[], expected: ArrayLike<number>, what: string): void {
  assertEquals(values.length, expected.length, what);
  const scale = Math.max(...Array.from(expected, Math.abs));
  values.forEach((value, i) =>
    assertLessOrEqual(Math.abs(value - expected[i]!), 2e-6 * scale, `${what} ${i}: ${value}`)
  );
}

/** What is added to normal data, and what they are multiplied by. */
const DATA: readonly (readonly [offset: number, scale: number])[] = [[0, 1], [100, 1], [0.5, 1e25]];

for (const one of TRIALS) {
  const name = `${one.norm.name} norm ${JSON.stringify(one.options)}`;
  const isCentred = one.norm !== rmsNorm as unknown;

  testOnEveryBackend(`${name}: mean and 1 / deviation are outputs`, async () => {
    for (const implementation of Object.keys(implementationsOf(one.norm))) {
      for (const [offset, scale] of DATA) {
        const x = tf.mul(tf.add(normalTensor(one.shape, "x"), offset), scale);
        const what = `${implementation}, offset ${offset}, scale ${scale}`;
        const { y, ...statistics } = one.apply(x, { implementation });
        const names = isCentred ? ["mean", "inverseDeviation"] : ["inverseRms"];
        assertEquals(Object.keys(statistics), names, what);
        for (const statistic of Object.values(statistics)) {
          assertEquals(statistic.shape, one.statistics, what);
        }
        const [values, inverse, mean] = await valuesOf(
          x,
          ...Object.values(statistics).toReversed(),
        );
        const expected = statisticsOf(one, values!);
        if (isCentred) assertNear(mean!, expected.mean, `mean, ${what}`);
        assertNear(
          inverse!.map((value) => value * scale),
          expected.inverse.map((value) => value * scale),
          `inverse, ${what}`,
        );
        const [own, alone] = await valuesOf(
          y!,
          one.apply(x, { implementation, returnStatistics: false })["y"]!,
        );
        assertEquals(own, alone, what);
      }
    }
  });

  testOnEveryBackend(`${name}: the gradients of mean and 1 / deviation`, async () => {
    const x = normalTensor(one.shape, "x");
    const [values] = await valuesOf(x);
    const { mean, inverse, groups, count } = statisticsOf(one, values!);
    const dy = normalTensor(one.shape, "dy");
    for (const implementation of Object.keys(implementationsOf(one.norm))) {
      const gradient = async (output: string, upstream: Tensor) => {
        const f = (x: Tensor) => one.apply(x, { implementation })[output]!;
        return (await valuesOf(tf.grad(f)(x, upstream)))[0]!;
      };
      const upstream = normalTensor(one.statistics, "upstream");
      const [reaching] = await valuesOf(upstream);
      if (isCentred) {
        const expected = values!.map((_, i) => reaching![groups[i]!]! / count);
        assertNear(await gradient("mean", upstream), expected, `mean, ${implementation}`);
      }
      const slope = (i: number, group: number) =>
        -(reaching![group]! / count) * inverse[group]! ** 3 * (values![i]! - mean[group]!);
      assertNear(
        await gradient(isCentred ? "inverseDeviation" : "inverseRms", upstream),
        values!.map((_, i) => slope(i, groups[i]!)),
        `inverse, ${implementation}`,
      );
      // y does not care whether its statistics are outputs, too.
      const alone = (x: Tensor) => one.apply(x, { implementation, returnStatistics: false })["y"]!;
      assertEquals(await gradient("y", dy), (await valuesOf(tf.grad(alone)(x, dy)))[0]);
    }
  });
}

testOnEveryBackend("several outputs at once: their gradients add up", async () => {
  const x = normalTensor([4, 6], "x");
  for (const implementation of Object.keys(implementationsOf(layerNorm))) {
    const args = { implementation, returnStatistics: true } as const;
    const outputs = [
      (x: Tensor) => tf.square(layerNormalization(x, args).y),
      (x: Tensor) => tf.square(layerNormalization(x, args).mean),
      (x: Tensor) => layerNormalization(x, args).inverseDeviation,
    ];
    const together = (x: Tensor) => {
      const { y, mean, inverseDeviation } = layerNormalization(x, args);
      return tf.addN([tf.sum(tf.square(y)), tf.sum(tf.square(mean)), tf.sum(inverseDeviation)]);
    };
    const [sum, ...parts] = await valuesOf(
      tf.grad(together)(x),
      ...outputs.map((output) => tf.grad((x) => tf.sum(output(x)))(x)),
    );
    assertNear(sum!, parts[0]!.map((value, i) => value + parts[1]![i]! + parts[2]![i]!), "sum");
  }
});

testOnEveryBackend("the statistics refuse a second derivative, y keeps it", () => {
  const x = normalTensor([3, 4], "x");
  const args = { returnStatistics: true } as const;
  const second = (f: (x: Tensor) => Tensor) => tf.grad((x) => tf.square(tf.grad(f)(x)))(x);
  for (const output of ["mean", "inverseDeviation"] as const) {
    assertThrows(
      () => second((x) => tf.square(layerNormalization(x, args)[output])),
      RangeError,
      "mean and 1 / deviation have first derivatives only",
    );
  }
  assertEquals(second((x) => tf.square(layerNormalization(x, args).y)).shape, x.shape);
});

testOnEveryBackend("returned statistics leave only outputs behind", () => {
  const x = normalTensor([3, 4], "x");
  for (const implementation of Object.keys(implementationsOf(layerNorm))) {
    const before = tf.memory().numTensors;
    const outputs = layerNormalization(x, { implementation, returnStatistics: true });
    assertEquals(tf.memory().numTensors, before + 3, implementation);
    tf.dispose(Object.values(outputs));
    tf.grad((x) => layerNormalization(x, { implementation, returnStatistics: true }).mean)(x)
      .dispose();
    assertEquals(tf.memory().numTensors, before, implementation);
  }
});

Deno.test("what is returned has the type that was asked for", () => {
  // Checked by the compiler; never called.
  const checked = [
    (x: Tensor): Tensor => layerNormalization(x),
    (x: Tensor): Tensor => layerNormalization(x, { epsilon: 1e-5 }),
    (x: Tensor): Tensor => layerNormalization(x, { returnStatistics: true }).mean,
    (x: Tensor): Tensor => rmsNormalization(x, { returnStatistics: true }).inverseRms,
    (x: Tensor, returnStatistics: boolean): Tensor | NormWithStatistics =>
      groupNormalization(x, { returnStatistics }),
    // @ts-expect-error RMS norm has no mean.
    (x: Tensor): Tensor => rmsNormalization(x, { returnStatistics: true }).mean,
    (x: Tensor, asked: boolean): Tensor =>
      // @ts-expect-error It may be an object.
      instanceNormalization(x, { returnStatistics: asked }),
  ];
  assert(checked.length > 0);
});
