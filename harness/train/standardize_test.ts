import { assertAlmostEquals, assertEquals } from "@std/assert";
import { pixelScale, scalePixels } from "./standardize.ts";

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
