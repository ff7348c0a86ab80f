import type { Tensor } from "../norms/basics/tensor.ts";
import { checkCount } from "../norms/basics/options.ts";
import * as tf from "../norms/basics/tf.ts";
import { countCorrect, softmaxCrossEntropy } from "./loss.ts";
import type { Model } from "./description.ts";

/** Mean figures over all images. */
export interface Evaluation {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of the images whose class was found. */
  readonly accuracy: number;
}

/**
 * Judges a network in prediction mode: batch norm uses its running statistics.
 *
 * @param images Gives the images from `from` up to, not including, `to`; made anew at
 * each call, since they are disposed of here.
 * @param labels The class of every image.
 * @param batchSize Images at a time; the last batch may be smaller.
 * @throws {RangeError} if there are no images, or the batch size is not a positive whole number.
 */
export async function evaluate(
  model: Model,
  images: (from: number, to: number) => Tensor,
  labels: Uint8Array,
  batchSize: number,
): Promise<Evaluation> {
  if (labels.length === 0) throw new RangeError("there are no images to evaluate on: give some");
  checkCount("batch size", batchSize);
  // Read back once, at the end: on some backends that takes longer than a batch.
  const figures = tf.tidy(() => tf.concat(batches(model, images, labels, batchSize)));
  const sums = await figures.data<"float32">();
  figures.dispose();
  const total = (offset: number) =>
    sums.reduce((sum, value, i) => i % 2 === offset ? sum + value : sum, 0);
  return { loss: total(0) / labels.length, accuracy: total(1) / labels.length };
}

function batches(
  model: Model,
  images: (from: number, to: number) => Tensor,
  labels: Uint8Array,
  batchSize: number,
): Tensor[] {
  const results: Tensor[] = [];
  for (let from = 0; from < labels.length; from += batchSize) {
    const to = Math.min(from + batchSize, labels.length);
    results.push(tf.tidy(() => {
      const logits = model.apply(images(from, to), { training: false }) as Tensor;
      const classes = tf.tensor1d(labels.slice(from, to), "int32");
      const loss = tf.mul(softmaxCrossEntropy(logits, classes), to - from);
      return tf.stack([loss, countCorrect(logits, classes)]);
    }));
  }
  return results;
}
