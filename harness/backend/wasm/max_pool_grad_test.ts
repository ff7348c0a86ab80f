import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import { assertNoLeak, assertSums, Sum, waves } from "../kernels_testing.ts";

type Shape = [number, number, number, number];

interface PoolCase {
  about: string;
  shape: Shape;
  filter: [number, number];
  strides: [number, number];
  pad: "same" | "valid" | number;
  values?: (count: number) => Float32Array;
}

const negative = (count: number) => waves(count).map((value) => value - 2);

const CASES: PoolCase[] = [
  { about: "ordinary", shape: [2, 4, 4, 3], filter: [2, 2], strides: [2, 2], pad: "valid" },
  {
    about: "all windows negative",
    shape: [2, 4, 4, 3],
    filter: [2, 2],
    strides: [2, 2],
    pad: "valid",
    values: negative,
  },
  {
    about: "all windows zero: ties",
    shape: [1, 4, 6, 2],
    filter: [2, 3],
    strides: [2, 3],
    pad: "valid",
    values: (count) => new Float32Array(count),
  },
  {
    about: "ties in overlapping windows",
    shape: [2, 5, 5, 1],
    filter: [3, 3],
    strides: [1, 1],
    pad: "same",
    values: (count) => waves(count).map((value) => Math.round(value)),
  },
  {
    about: "overlap, SAME, odd sizes, negative",
    shape: [2, 5, 7, 2],
    filter: [3, 2],
    strides: [2, 1],
    pad: "same",
    values: negative,
  },
  {
    about: "explicit padding, negative",
    shape: [1, 5, 5, 1],
    filter: [3, 3],
    strides: [2, 2],
    pad: 1,
    values: negative,
  },
  { about: "stride past the filter", shape: [1, 7, 5, 2], filter: [1, 2], strides: [3, 3], pad: 0 },
  { about: "one pixel", shape: [1, 1, 1, 1], filter: [2, 2], strides: [1, 1], pad: "same" },
  {
    about: "a NaN in the window",
    shape: [1, 2, 2, 2],
    filter: [2, 2],
    strides: [2, 2],
    pad: "valid",
    values: (count) => waves(count).map((value, i) => i === 2 ? NaN : value),
  },
  {
    about: "nothing above -Infinity",
    shape: [1, 2, 2, 1],
    filter: [2, 2],
    strides: [2, 2],
    pad: "valid",
    values: (count) => new Float32Array(count).fill(-Infinity),
  },
];

/** dx by definition: the first largest element of each window gets the window's dy. */
function expectedGradient(test: PoolCase, x: Float32Array, dy: Float32Array): Sum[] {
  const [, height, width, channels] = test.shape;
  const { outShape, padInfo } = tf.backend_util.computePool2DInfo(
    test.shape,
    test.filter,
    test.strides,
    1,
    test.pad,
  );
  const dx = Array.from(x, () => new Sum());
  const [batch, outHeight, outWidth] = outShape;
  let output = 0;
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < outHeight; r++) {
      for (let c = 0; c < outWidth; c++) {
        for (let channel = 0; channel < channels; channel++, output++) {
          let best: number | undefined;
          for (let fr = 0; fr < test.filter[0]; fr++) {
            for (let fc = 0; fc < test.filter[1]; fc++) {
              const row = r * test.strides[0] + fr - padInfo.top;
              const column = c * test.strides[1] + fc - padInfo.left;
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              const i = ((b * height + row) * width + column) * channels + channel;
              if (x[i]! > (best === undefined ? -Infinity : x[best]!)) best = i;
            }
          }
          if (best !== undefined) dx[best]!.add(dy[output]!);
        }
      }
    }
  }
  return dx;
}

function inputs(test: PoolCase): { x: Float32Array; dy: Float32Array; outShape: Shape } {
  const { outShape } = tf.backend_util.computePool2DInfo(
    test.shape,
    test.filter,
    test.strides,
    1,
    test.pad,
  );
  const size = tf.util.sizeFromShape(test.shape);
  return {
    x: (test.values ?? waves)(size),
    dy: waves(tf.util.sizeFromShape(outShape), 3),
    outShape: outShape as Shape,
  };
}

function gradient(test: PoolCase): Float32Array {
  const { x, dy, outShape } = inputs(test);
  return tf.tidy(() =>
    tf.grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, test.filter, test.strides, test.pad))(
      tf.tensor(x, test.shape),
      tf.tensor(dy, outShape),
    ).dataSync<"float32">()
  );
}

for (const test of CASES) {
  Deno.test(`MaxPoolGrad on wasm gives dy to the first maximum: ${test.about}`, async () => {
    await useBackend("wasm");
    const { x, dy } = inputs(test);
    assertSums(gradient(test), expectedGradient(test, x, dy));
  });

  Deno.test(`MaxPoolGrad on wasm routes as the cpu backend does: ${test.about}`, async () => {
    const routed = (dx: Float32Array) => Array.from(dx, (value) => value !== 0);
    await useBackend("cpu");
    const onCpu = routed(gradient(test));
    await useBackend("wasm");
    assertEquals(routed(gradient(test)), onCpu);
  });
}

Deno.test("the stock MaxPoolGrad drops the gradient of windows that are not positive", async () => {
  const [ordinary, allNegative, allZero] = CASES;
  await useBackend("wasm-stock");
  // It takes element 0 of the whole tensor for the maximum of such a window: only the window that
  // holds this element can get any gradient at all.
  const reached = (test: PoolCase) => gradient(test).slice(1).filter((value) => value !== 0).length;
  assertNotEquals(reached(ordinary!), 0);
  assertEquals(reached(allNegative!), 0);
  assertEquals(reached(allZero!), 0);
});

Deno.test("MaxPoolGrad on wasm leaves nothing behind", async () => {
  await useBackend("wasm");
  for (const test of CASES) assertNoLeak(() => gradient(test));
});
