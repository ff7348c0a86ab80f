import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { ImageSet } from "../../fixtures/datasets/image_set.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { epochBatches, epochOrder, splitImages } from "./batches.ts";
import { pixelScale } from "./standardize.ts";

/** Images of two pixels, both of which are the image's number. */
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
  // Mean 2 and variance 2: what stands for image n is (n - 2) / sqrt(2).
  const expected = [3, 3, 1, 1].map((n) => Math.fround((n - 2) / Math.sqrt(2)));
  assertEquals([...batches[0]!.pixels], expected);
});
