import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import { assertNoLeak, assertSums, Sum, waves } from "../kernels_testing.ts";

type Shape = [number, number, number, number];

type PoolCase = readonly [
  about: string,
  shape: Shape,
  filter: [number, number],
  strides: [number, number],
  pad: "same" | "valid" | number,
  values?: (count: number) => Float32Array,
];

const negative = (count: number) => waves(count).map((value) => value - 2);
const zero = (count: number) => new Float32Array(count);
const least = (count: number) => new Float32Array(count).fill(-Infinity);
const rounded = (count: number) => waves(count).map(Math.round);
const oneNaN = (count: number) => waves(count).map((value, i) => i === 2 ? NaN : value);

const CASES: readonly PoolCase[] = [
  ["ordinary", [2, 4, 4, 3], [2, 2], [2, 2], "valid"],
  ["all windows negative", [2, 4, 4, 3], [2, 2], [2, 2], "valid", negative],
  ["all windows zero: ties", [1, 4, 6, 2], [2, 3], [2, 3], "valid", zero],
  ["ties in overlapping windows", [2, 5, 5, 1], [3, 3], [1, 1], "same", rounded],
  ["overlap, SAME, odd sizes, negative", [2, 5, 7, 2], [3, 2], [2, 1], "same", negative],
  ["explicit padding, negative", [1, 5, 5, 1], [3, 3], [2, 2], 1, negative],
  ["stride past the filter", [1, 7, 5, 2], [1, 2], [3, 3], 0],
  ["one pixel", [1, 1, 1, 1], [2, 2], [1, 1], "same"],
  ["a NaN in the window", [1, 2, 2, 2], [2, 2], [2, 2], "valid", oneNaN],
  ["nothing above -Infinity", [1, 2, 2, 1], [2, 2], [2, 2], "valid", least],
];

function poolInfo([, shape, filter, strides, pad]: PoolCase): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(shape, filter, strides, 1, pad);
}

/** dx by definition: the first largest element of each window gets the window's dy. */
function expectedGradient(test: PoolCase, x: Float32Array, dy: Float32Array): Sum[] {
  const [, [, height, width, channels], filter, strides] = test;
  const { outShape, padInfo } = poolInfo(test);
  const dx = Array.from(x, () => new Sum());
  const [batch, outHeight, outWidth] = outShape;
  let output = 0;
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < outHeight; r++) {
      for (let c = 0; c < outWidth; c++) {
        for (let channel = 0; channel < channels; channel++, output++) {
          let best: number | undefined;
          for (let fr = 0; fr < filter[0]; fr++) {
            for (let fc = 0; fc < filter[1]; fc++) {
              const row = r * strides[0] + fr - padInfo.top;
              const column = c * strides[1] + fc - padInfo.left;
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
  const [, shape, , , , values = waves] = test;
  const outShape = poolInfo(test).outShape as Shape;
  const x = values(tf.util.sizeFromShape(shape));
  return { x, dy: waves(tf.util.sizeFromShape(outShape), 3), outShape };
}

function gradient(test: PoolCase): Float32Array {
  const { x, dy, outShape } = inputs(test);
  const [, shape, filter, strides, pad] = test;
  return tf.tidy(() =>
    tf.grad((t: tf.Tensor) => tf.maxPool(t as tf.Tensor4D, filter, strides, pad))(
      tf.tensor(x, shape),
      tf.tensor(dy, outShape),
    ).dataSync<"float32">()
  );
}

for (const test of CASES) {
  Deno.test(`MaxPoolGrad on wasm gives dy to the first maximum: ${test[0]}`, async () => {
    await useBackend("wasm");
    const { x, dy } = inputs(test);
    assertSums(gradient(test), expectedGradient(test, x, dy));
  });

  Deno.test(`MaxPoolGrad on wasm routes as the cpu backend does: ${test[0]}`, async () => {
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

Deno.test("MaxPoolGrad on wasm leaks nothing", async () => {
  await useBackend("wasm");
  for (const test of CASES) assertNoLeak(() => gradient(test));
});
