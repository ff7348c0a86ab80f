import { wavesOf } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { buildModel } from "./build.ts";
import type { ModelDescription } from "./description.ts";
import type { NormSettings } from "./norm_layer.ts";
import { MLP } from "./networks.ts";
import type { OptimizerOptions } from "./optimizer.ts";
import { TrainingStep } from "./training_step.ts";

export const CLASSES = 3;

export const IMAGE = [4, 4, 2] as const;

export const ADAM: OptimizerOptions = { name: "adam", learningRate: 0.01 };

export function describe(changes: Partial<ModelDescription> = {}): ModelDescription {
  return { ...MLP, hidden: [8], ...changes };
}

export function build(
  changes: Partial<ModelDescription> = {},
  seed = 1,
  settings?: NormSettings,
): tf.Sequential {
  return buildModel(describe(changes), IMAGE, CLASSES, seed, settings);
}

/** Images and labels; each phase another batch. */
export function batchOf(count: number, phase = 0): { images: tf.Tensor; labels: tf.Tensor1D } {
  return {
    images: wavesOf([count, ...IMAGE], phase),
    labels: tf.tensor1d(Array.from({ length: count }, (_, i) => i % CLASSES), "int32"),
  };
}

export async function losses(
  model: tf.Sequential,
  steps: number,
  { optimizer = ADAM, l2 = 0 } = {},
): Promise<number[]> {
  const { images, labels } = batchOf(6);
  const step = new TrainingStep(model, { optimizer, l2 });
  const results: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, correct } = step.run(images, labels);
    results.push((await loss.data())[0]!);
    tf.dispose([loss, correct]);
  }
  step.dispose();
  tf.dispose([images, labels]);
  return results;
}
