/**
 * The shapes that are benchmarked, and how the user names others.
 *
 * @module
 */
import type { Shape } from "../../norms/basics/shape.ts";
import { UsageError } from "../../norms/basics/errors.ts";

/** How thoroughly to benchmark. */
export type BenchPreset = "quick" | "full";

/**
 * [N, D] and [N, H, W, C], from one that fits in a cache to one far larger.
 *
 * The quick ones keep N small enough for layer norm of tf.layers, whose gradient takes a slice and a
 * sum for every row.
 */
export const SHAPES: Readonly<Record<BenchPreset, readonly Shape[]>> = {
  quick: [[128, 256], [2048, 1024], [4, 14, 14, 32], [32, 28, 28, 32]],
  full: [
    [32, 64],
    [128, 256],
    [512, 1024],
    [2048, 1024],
    [16384, 1024],
    [4, 7, 7, 32],
    [8, 14, 14, 32],
    [64, 28, 28, 32],
    [64, 56, 56, 64],
  ],
};

/**
 * Reads a shape such as `64x256`.
 *
 * @throws {UsageError} if it is none, or has one axis only.
 */
export function parseShape(text: string): Shape {
  if (/^[1-9]\d*(x[1-9]\d*)+$/.test(text)) return text.split("x").map(Number);
  throw new UsageError(
    `--shape ${text} is no shape. Write the lengths of two axes or more with an x between them, ` +
      `as in 64x256 or 32x28x28x16.`,
  );
}

/** A shape as it is written on the command line. */
export function formatShape(shape: Shape): string {
  return shape.join("x");
}
