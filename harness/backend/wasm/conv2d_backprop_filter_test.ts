import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import { assertNoLeak, assertSums, Sum, waves } from "../kernels_testing.ts";

type Quad = [number, number, number, number];

type ConvCase = readonly [
  about: string,
  x: Quad,
  filter: Quad,
  strides: [number, number],
  pad: "same" | "valid" | number | tf.backend_util.ExplicitPadding,
];

const EXPLICIT: tf.backend_util.ExplicitPadding = [[0, 0], [2, 0], [0, 1], [0, 0]];

const CASES: readonly ConvCase[] = [
  ["3x3 SAME", [2, 5, 5, 3], [3, 3, 3, 4], [1, 1], "same"],
  ["3x3 VALID", [2, 5, 6, 2], [3, 3, 2, 3], [1, 1], "valid"],
  ["stride 2 SAME", [2, 7, 6, 2], [3, 3, 2, 3], [2, 2], "same"],
  ["unequal strides", [1, 7, 9, 2], [2, 3, 2, 2], [3, 2], "valid"],
  ["stride past the filter", [1, 7, 7, 2], [1, 1, 2, 3], [3, 3], 0],
  ["non-square filter", [2, 4, 8, 2], [1, 5, 2, 3], [1, 1], "same"],
  ["one channel, one image", [1, 6, 6, 1], [3, 3, 1, 1], [1, 1], 1],
  ["1x1 filter", [3, 2, 3, 4], [1, 1, 4, 2], [1, 1], "same"],
  ["filter larger than image", [1, 2, 2, 1], [5, 5, 1, 2], [1, 1], "same"],
  ["explicit padding", [2, 5, 6, 2], [3, 2, 2, 3], [2, 1], EXPLICIT],
];

function convInfo([, x, filter, strides, pad]: ConvCase): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad);
}

/** dW by definition, in float64, for NHWC. */
function expectedGradient(test: ConvCase, x: Float32Array, dy: Float32Array): Sum[] {
  const [, [batch, height, width, channels], filter, strides] = test;
  const [filterHeight, filterWidth, , outChannels] = filter;
  const { outHeight, outWidth, padInfo } = convInfo(test);
  const gradient: Sum[] = [];
  for (let fr = 0; fr < filterHeight; fr++) {
    for (let fc = 0; fc < filterWidth; fc++) {
      for (let channel = 0; channel < channels; channel++) {
        for (let outChannel = 0; outChannel < outChannels; outChannel++) {
          const sum = new Sum();
          for (let b = 0; b < batch; b++) {
            for (let r = 0; r < outHeight; r++) {
              for (let c = 0; c < outWidth; c++) {
                const row = r * strides[0] + fr - padInfo.top;
                const column = c * strides[1] + fc - padInfo.left;
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                const xValue = x[((b * height + row) * width + column) * channels + channel]!;
                const dyIndex = ((b * outHeight + r) * outWidth + c) * outChannels + outChannel;
                sum.add(xValue * dy[dyIndex]!);
              }
            }
          }
          gradient.push(sum);
        }
      }
    }
  }
  return gradient;
}

function inputs(test: ConvCase): { x: Float32Array; dy: Float32Array; dyShape: Quad } {
  const { batchSize, outHeight, outWidth, outChannels } = convInfo(test);
  const dyShape: Quad = [batchSize, outHeight, outWidth, outChannels];
  return {
    x: waves(tf.util.sizeFromShape(test[1])),
    dy: waves(tf.util.sizeFromShape(dyShape), 2),
    dyShape,
  };
}

/** What the tape gives for the filter, through the kernel under test. */
function gradient(test: ConvCase): Float32Array {
  const { x, dy, dyShape } = inputs(test);
  const [, xShape, filterShape, strides, pad] = test;
  return tf.tidy(() => {
    const input = tf.tensor4d(x, xShape);
    const conv = (filter: tf.Tensor) => tf.conv2d(input, filter as tf.Tensor4D, strides, pad);
    return tf.grad(conv)(tf.zeros(filterShape), tf.tensor4d(dy, dyShape)).dataSync<"float32">();
  });
}

/** The same by calling the kernel with NCHW, which the forward kernel of wasm does not know. */
function channelsFirstGradient(test: ConvCase): Float32Array {
  const { x, dy, dyShape } = inputs(test);
  const [, xShape, filterShape, strides, pad] = test;
  const perm = [0, 3, 1, 2];
  return tf.tidy(() => {
    const channelsFirst = (values: Float32Array, shape: Quad) =>
      tf.transpose(tf.tensor4d(values, shape), perm);
    const attrs = {
      strides,
      pad: Array.isArray(pad) ? perm.map((axis) => pad[axis]!) : pad,
      dataFormat: "NCHW",
      filterShape,
    };
    const tensors = { x: channelsFirst(x, xShape), dy: channelsFirst(dy, dyShape) };
    return (tf.engine().runKernel(tf.Conv2DBackpropFilter, tensors, attrs) as tf.Tensor)
      .dataSync<"float32">();
  });
}

for (const test of CASES) {
  Deno.test(`Conv2DBackpropFilter on wasm equals the definition: ${test[0]}`, async () => {
    await useBackend("wasm");
    const { x, dy } = inputs(test);
    assertSums(gradient(test), expectedGradient(test, x, dy));
  });
}

Deno.test("Conv2DBackpropFilter on wasm takes channels first", async () => {
  await useBackend("wasm");
  for (const test of CASES) {
    const { x, dy } = inputs(test);
    assertSums(channelsFirstGradient(test), expectedGradient(test, x, dy));
    assertNoLeak(() => channelsFirstGradient(test));
  }
});

Deno.test("Conv2DBackpropFilter on wasm adds up batches that do not fit at once", async () => {
  // An image has 120 * 120 * 3 * 3 * 8, about 2^20, patch elements: four fit at once.
  const test: ConvCase = ["", [5, 120, 120, 8], [3, 3, 8, 1], [1, 1], "same"];
  await useBackend("wasm");
  const { x, dy } = inputs(test);
  assertSums(gradient(test), expectedGradient(test, x, dy));
});

Deno.test("the stock wasm backend has no Conv2DBackpropFilter", async () => {
  await useBackend("wasm-stock");
  assertEquals(tf.getKernel("Conv2DBackpropFilter", "wasm"), undefined);
  const error = assertThrows(() => gradient(CASES[0]!), Error);
  assertStringIncludes(error.message, "Conv2DBackpropFilter");
});

Deno.test("Conv2DBackpropFilter on wasm leaks nothing", async () => {
  await useBackend("wasm");
  for (const test of CASES) assertNoLeak(() => gradient(test));
});
