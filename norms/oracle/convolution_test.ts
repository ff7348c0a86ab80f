import { assertAlmostEquals, assertEquals } from "@std/assert";
import { standardNormal, uniformStream } from "../basics/random.ts";
import { type Shape, size } from "../basics/shape.ts";
import { Bounded } from "./bounded.ts";
import { conv2d, conv2dBackward, type Convolution } from "./convolution.ts";

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly units: number;
  readonly convolution: Convolution;
  /** Height and width of the output. */
  readonly output: readonly [number, number];
  /** Rows and columns of zeros before the first. */
  readonly before: readonly [number, number];
}

const CASES: readonly Case[] = [
  {
    x: [2, 4, 5, 3],
    units: 2,
    convolution: { kernelSize: [3, 2], strides: [1, 1], padding: "valid" },
    output: [2, 4],
    before: [0, 0],
  },
  {
    x: [1, 7, 6, 2],
    units: 3,
    convolution: { kernelSize: [3, 3], strides: [2, 3], padding: "valid" },
    output: [3, 2],
    before: [0, 0],
  },
  {
    x: [2, 5, 4, 2],
    units: 2,
    convolution: { kernelSize: [3, 3], strides: [1, 1], padding: "same" },
    output: [5, 4],
    before: [1, 1],
  },
  {
    // An odd number of zeros: one more after than before.
    x: [1, 4, 4, 1],
    units: 2,
    convolution: { kernelSize: [2, 3], strides: [1, 2], padding: "same" },
    output: [4, 2],
    before: [0, 0],
  },
  {
    x: [1, 9, 7, 3],
    units: 1,
    convolution: { kernelSize: [3, 3], strides: [2, 2], padding: "same" },
    output: [5, 4],
    before: [1, 1],
  },
  {
    x: [1, 3, 3, 2],
    units: 2,
    convolution: { kernelSize: [1, 1], strides: [2, 2], padding: "same" },
    output: [2, 2],
    before: [0, 0],
  },
];

function random(shape: Shape, seed: string): Bounded {
  const values = standardNormal(size(shape), uniformStream(seed));
  return new Bounded(shape, values, new Float64Array(values.length));
}

/** Calls `use` with the positions of y, x and kernel for each product of the convolution. */
function forEachProduct(
  { x: [samples, height, width, channels], units, convolution, output, before }: Case,
  use: (y: number, x: number, kernel: number) => void,
): void {
  const { kernelSize, strides } = convolution;
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
  const { x: xShape, units, convolution, output } = entry;
  const { kernelSize, strides, padding } = convolution;
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
