/**
 * From bytes to what a network is given.
 *
 * @module
 */

/** Values that a byte can have. */
const LEVELS = 256;

/** Tables by channel: what stands for each byte. */
export type PixelScale = readonly Float32Array[];

/**
 * Standardizes each channel by the mean and the deviation of the training images.
 *
 *     (byte - mean) / deviation
 *
 * over all pixels of the channel; the parts that a network is judged on are scaled by the same
 * numbers. A channel that is constant becomes 0.
 *
 * @param pixels Bytes of the training images, channels last.
 */
export function pixelScale(pixels: Uint8Array, channels: number): PixelScale {
  return countLevels(pixels, channels).map((counts) => {
    const count = pixels.length / channels;
    const mean = sum(counts, (level) => level) / count;
    const variance = sum(counts, (level) => (level - mean) ** 2) / count;
    const factor = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    return Float32Array.from(counts, (_, level) => (level - mean) * factor);
  });
}

/** How often each byte occurs in each channel: with 60,000 images, sums of all pixels are slow. */
function countLevels(pixels: Uint8Array, channels: number): Float64Array[] {
  const counts = Array.from({ length: channels }, () => new Float64Array(LEVELS));
  for (let channel = 0; channel < channels; channel++) {
    const counter = counts[channel]!;
    for (let i = channel; i < pixels.length; i += channels) counter[pixels[i]!]!++;
  }
  return counts;
}

function sum(counts: Float64Array, term: (level: number) => number): number {
  return counts.reduce((total, count, level) => total + count * term(level), 0);
}

/** Writes the scaled `pixels` into `target`, from `offset` on. */
export function scalePixels(
  pixels: Uint8Array,
  scale: PixelScale,
  target: Float32Array,
  offset: number,
): void {
  const channels = scale.length;
  for (let channel = 0; channel < channels; channel++) {
    const table = scale[channel]!;
    for (let i = channel; i < pixels.length; i += channels) target[offset + i] = table[pixels[i]!]!;
  }
}
