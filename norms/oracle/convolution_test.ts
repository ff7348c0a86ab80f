import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { standardNormal, uniformStream } from "../basics/random.ts";
import { type Shape, size } from "../basics/shape.ts";
import { Bounded } from "./bounded.ts";
import { conv2d, conv2dBackward, type Convolution, patches } from "./convolution.ts";

type Pair = readonly [number, number];
type Case = typeof CASES[number];

/** The output's height and width, and how many rows and columns of zeros come before the first. */
const CASES: readonly (readonly [
  x: readonly [number, number, number, number],
  units: number,
  kernelSize: Pair,
  strides: Pair,
  padding: Convolution["padding"],
  output: Pair,
  before: Pair,
])[] = [
  [[2, 4, 5, 3], 2, [3, 2], [1, 1], "valid", [2, 4], [0, 0]],
  [[1, 7, 6, 2], 3, [3, 3], [2, 3], "valid", [3, 2], [0, 0]],
  [[2, 5, 4, 2], 2, [3, 3], [1, 1], "same", [5, 4], [1, 1]],
  // An odd number of zeros: one more after than before.
  [[1, 4, 4, 1], 2, [2, 3], [1, 2], "same", [4, 2], [0, 0]],
  [[1, 9, 7, 3], 1, [3, 3], [2, 2], "same", [5, 4], [1, 1]],
  [[1, 3, 3, 2], 2, [1, 1], [2, 2], "same", [2, 2], [0, 0]],
];

function random(shape: Shape, seed: string): Bounded {
  const values = standardNormal(size(shape), uniformStream(seed));
  return new Bounded(shape, values, new Float64Array(values.length));
}

function forEachProduct(
  [[samples, height, width, channels], units, kernelSize, strides, , output, before]: Case,
  use: (y: number, x: number, kernel: number) => void,
): void {
  for (let n = 0; n < samples; n++) {
    for (let i = 0; i < output[0]; i++) {
      for (let j = 0; j < output[1]; j++) {
        for (let k = 0; k < kernelSize[0]; k++) {
          for (let l = 0; l < kernelSize[1]; l++) {
            const row = i * strides[0] + k - before[0];
            const column = j * strides[1] + l - before[1];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let c = 0; c < channels; c++) {
              for (let u = 0; u < units; u++) {
                use(
                  ((n * output[0] + i) * output[1] + j) * units + u,
                  ((n * height + row) * width + column) * channels + c,
                  ((k * kernelSize[1] + l) * channels + c) * units + u,
                );
              }
            }
          }
        }
      }
    }
  }
}

function assertClose(got: Bounded, expected: readonly number[]): void {
  assertEquals(got.values.length, expected.length);
  expected.forEach((value, i) => assertAlmostEquals(got.values[i]!, value, 1e-12, `element ${i}`));
}

for (const entry of CASES) {
  const [xShape, units, kernelSize, strides, padding, output] = entry;
  const convolution = { kernelSize, strides, padding };
  const x = random(xShape, "x");
  const kernel = random([...kernelSize, xShape[3], units], "kernel");
  const dy = random([xShape[0], ...output, units], "dy");
  const what = `[${xShape}] by a kernel of [${kernelSize}], strides [${strides}], ${padding}`;

  Deno.test(`convolution of ${what}: output as by loops`, () => {
    const y = new Array<number>(dy.values.length).fill(0);
    forEachProduct(entry, (at, i, k) => y[at]! += x.values[i]! * kernel.values[k]!);
    const got = conv2d(x, kernel, convolution);
    assertEquals(got.shape, dy.shape);
    assertClose(got, y);
  });

  Deno.test(`convolution of ${what}: gradients as by loops`, () => {
    const dx = new Array<number>(x.values.length).fill(0);
    const dKernel = new Array<number>(kernel.values.length).fill(0);
    forEachProduct(entry, (at, i, k) => {
      dx[i]! += dy.values[at]! * kernel.values[k]!;
      dKernel[k]! += dy.values[at]! * x.values[i]!;
    });
    const got = conv2dBackward(x, kernel, convolution, dy);
    assertEquals([got.x.shape, got.kernel.shape], [x.shape, kernel.shape]);
    assertClose(got.x, dx);
    assertClose(got.kernel, dKernel);
  });
}

Deno.test("a kernel that has no position in the image is refused", () => {
  const of = (padding: "valid" | "same") =>
    patches([2, 4, 1, 3], { kernelSize: [3, 2], strides: [1, 1], padding });
  const message = "a kernel of 3 x 2 does not fit x of shape [2, 4, 1, 3]";
  assertThrows(() => of("valid"), RangeError, message);
  assertEquals(of("same").positions, [2, 4, 1]);
});
