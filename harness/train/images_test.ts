import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { ImageSet } from "../../fixtures/datasets/image_set.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { epochBatches, epochOrder, pixelScale, scalePixels, splitImages } from "./images.ts";

function numbered(count: number, first = 0): ImageSet {
  return {
    pixels: Uint8Array.from({ length: 2 * count }, (_, i) => first + Math.floor(i / 2)),
    labels: Uint8Array.from({ length: count }, (_, i) => first + i),
    count,
  };
}

const DATASET = { train: numbered(10), test: numbered(4, 100) };

const numbersOf = ({ pixels }: ImageSet) => [...pixels].filter((_, i) => i % 2 === 0);

Deno.test("the parts are the first and the last training images, and the first test images", () => {
  const parts = splitImages(DATASET, { name: "numbers", train: 6, validation: 3, test: 2 });
  assertEquals(numbersOf(parts.train), [0, 1, 2, 3, 4, 5]);
  assertEquals([...parts.train.labels], [0, 1, 2, 3, 4, 5]);
  assertEquals(numbersOf(parts.validation), [7, 8, 9]);
  assertEquals([...parts.validation.labels], [7, 8, 9]);
  assertEquals(numbersOf(parts.test), [100, 101]);
  assertEquals([parts.train.count, parts.validation.count, parts.test.count], [6, 3, 2]);
});

Deno.test("parts that would overlap, or are larger than the data, are refused", () => {
  const split = (train: number, validation: number, test: number) => () =>
    splitImages(DATASET, { name: "numbers", train, validation, test });
  assertThrows(split(8, 3, 1), UsageError, "numbers has 10 training images");
  assertThrows(split(5, 5, 5), UsageError, "numbers has 4 test images");
});

Deno.test("an epoch's order is a permutation that follows from seed and epoch", () => {
  const order = epochOrder(7, 3, 100);
  assertEquals([...order].sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i));
  assertEquals(epochOrder(7, 3, 100), order);
  assertNotEquals(epochOrder(7, 4, 100), order);
  assertNotEquals(epochOrder(8, 3, 100), order);
});

Deno.test("an epoch goes through the images in its order, and leaves out a rest", () => {
  const images = numbered(5);
  const scale = pixelScale(images.pixels, 1);
  const order = Uint32Array.of(3, 1, 4, 0, 2);
  const batches = [...epochBatches(images, order, 2, scale)];
  assertEquals(batches.map(({ labels }) => [...labels]), [[3, 1], [4, 0]]);
  // Mean 2 and variance 2: image n is (n - 2) / sqrt(2).
  const expected = [3, 3, 1, 1].map((n) => Math.fround((n - 2) / Math.sqrt(2)));
  assertEquals([...batches[0]!.pixels], expected);
});

function scaled(pixels: Uint8Array, scale = pixelScale(pixels, 2)): number[] {
  const target = new Float32Array(pixels.length);
  scalePixels(pixels, scale, target, 0);
  return [...target];
}

Deno.test("each channel of the training images gets mean 0 and deviation 1", () => {
  // Channel 0: 1, 3; channel 1: 10, 30.
  const values = scaled(Uint8Array.of(1, 10, 3, 30));
  assertEquals(values, [-1, -1, 1, 1]);
  const drawn = Uint8Array.from({ length: 200 }, (_, i) => (i * 73 + i ** 2) % 256);
  for (const channel of [0, 1]) {
    const of = scaled(drawn).filter((_, i) => i % 2 === channel);
    const mean = of.reduce((a, b) => a + b) / of.length;
    assertAlmostEquals(mean, 0, 1e-6);
    assertAlmostEquals(of.reduce((a, b) => a + (b - mean) ** 2, 0) / of.length, 1, 1e-6);
  }
});

Deno.test("other images are scaled by the numbers of the training images", () => {
  const scale = pixelScale(Uint8Array.of(1, 10, 3, 30), 2);
  assertEquals(scaled(Uint8Array.of(5, 20), scale), [3, 0]);
});

Deno.test("a constant channel becomes 0, not NaN", () => {
  assertEquals(scaled(Uint8Array.of(7, 1, 7, 3)), [0, -1, 0, 1]);
});

Deno.test("images are written one after the other", () => {
  const target = new Float32Array(4);
  scalePixels(Uint8Array.of(3, 30), pixelScale(Uint8Array.of(1, 10, 3, 30), 2), target, 2);
  assertEquals([...target], [0, 0, 1, 1]);
});
