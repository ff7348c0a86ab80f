import type { Tensor } from "../norms/basics/tensor.ts";
import { breathe } from "../norms/basics/event_loop.ts";
import { checkCount } from "../norms/basics/options.ts";
import * as tf from "../norms/basics/tf.ts";
import { compile, type CompiledStep, type CompileOptions, type Engine } from "./compile.ts";
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
 * Evaluates a network in prediction mode: batch norm uses its running statistics.
 *
 * Batches run as {@linkcode compile} runs steps, with the weights that the network has at the call.
 */
export class Evaluator {
  readonly #step: CompiledStep<[Tensor, Tensor], Tensor>;

  /**
   * Evaluates this network, with the weights that it has at each call.
   *
   * @param model The caller disposes of it.
   */
  constructor(model: Model, options: CompileOptions = {}) {
    this.#step = compile((images: Tensor, classes: Tensor): Tensor => {
      const logits = model.apply(images, { training: false }) as Tensor;
      const loss = tf.mul(softmaxCrossEntropy(logits, classes), classes.size);
      return tf.stack([loss, countCorrect(logits, classes)]);
    }, options);
  }

  /** What runs the batches: `eager`, `graph` or `xla`. */
  get mode(): Engine {
    return this.#step.mode;
  }

  /**
   * Mean loss and accuracy of the network as it is now.
   *
   * @param images Gives the images from `from` up to, not including, `to`; made anew at
   * each call, since they are disposed of here.
   * @param labels The class of every image.
   * @param batchSize Images at a time; the last batch may be smaller.
   * @throws {RangeError} if there are no images, or the batch size is not a positive whole number.
   */
  async evaluate(
    images: (from: number, to: number) => Tensor,
    labels: Uint8Array,
    batchSize: number,
  ): Promise<Evaluation> {
    if (labels.length === 0) throw new RangeError("there are no images to evaluate on: give some");
    checkCount("batch size", batchSize);
    const results: Tensor[] = [];
    try {
      for (let from = 0; from < labels.length; from += batchSize) {
        const to = Math.min(from + batchSize, labels.length);
        const classes = labels.subarray(from, to);
        results.push(tf.tidy(() => this.#step(images(from, to), tf.tensor1d(classes, "int32"))));
        await breathe();
      }
      return await meanOf(results, labels.length);
    } finally {
      tf.dispose(results);
    }
  }

  /** Frees the graphs; the network stays. */
  dispose(): void {
    this.#step.dispose();
  }
}

/** Read back once, at the end: on some backends that takes longer than a batch. */
async function meanOf(results: Tensor[], images: number): Promise<Evaluation> {
  const figures = tf.tidy(() => tf.concat(results));
  const sums = await figures.data<"float32">();
  figures.dispose();
  const total = (offset: number) =>
    sums.reduce((sum, value, i) => i % 2 === offset ? sum + value : sum, 0);
  return { loss: total(0) / images, accuracy: total(1) / images };
}

/** Evaluates a network once, as {@linkcode Evaluator} does, operation by operation. */
export function evaluate(
  model: Model,
  ...args: Parameters<Evaluator["evaluate"]>
): Promise<Evaluation> {
  return new Evaluator(model, { engine: "eager" }).evaluate(...args);
}
