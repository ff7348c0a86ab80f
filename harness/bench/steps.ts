/**
 * The contenders of a training step: ours as one call and operation by operation, that of `tf.layers`,
 * and ours without a norm.
 *
 * @module
 */
import { buildModel, compilesByXla } from "../../models/build.ts";
import type { Engine } from "../../models/compile.ts";
import type { Model, NormChoice } from "../../models/description.ts";
import { activeGraphs } from "../../models/graph/runtime.ts";
import { ADAM } from "../../models/networks.ts";
import {
  chosenNorm,
  counterpartOf,
  implementationFor,
  NORM_SETTINGS,
  type NormSettings,
} from "../../models/norm_layer.ts";
import { TrainingStep } from "../../models/training_step.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { implementationsOf } from "../../norms/frames/apply.ts";
import { assemble, buildAll, type Field, type Named, type Work } from "./contender.ts";
import { makeRing } from "./inputs.ts";
import { NETWORKS, NO_NORM, type StepJob } from "./jobs.ts";
import { COMPILED, COMPILED_BY_XLA, EAGER, TF_LAYERS, WITHOUT_NORM } from "./record.ts";

const CLASSES = 10;

/** Training reports a loss; a step whose loss nobody reads would queue, or leave it out. */
const READS = "loss";

/** What the steps of a job are made of beyond its norm: the implementation that networks take. */
export function stepOptions({ norm }: StepJob): Readonly<Record<string, string>> {
  const chosen = chosenNorm(norm)?.norm;
  return chosen === undefined ? {} : { implementation: implementationFor(chosen, NORM_SETTINGS) };
}

/** Builds the contenders of a training step on the active backend. */
export function stepField(job: StepJob, seed: number): Field {
  const { shape } = NETWORKS[job.network]!;
  const images = makeRing(shape, `bench/${seed}/images`);
  const places = Array.from({ length: shape[0]! }, (_, i) => i % CLASSES);
  const labels = tf.tensor1d(places, "int32");
  const targets = tf.tidy(() => tf.oneHot(labels, CLASSES).toFloat());
  const batchAt = (turn: number): Batch => ({ images: images.at(turn), labels, targets });
  const built = buildAll(
    stepContenders(job, seed).map((each) => ({ ...each, build: () => each.build(batchAt) })),
  );
  return { ...assemble(built, images, [labels, targets]), reads: READS };
}

interface Batch {
  readonly images: Tensor;
  /** Classes as numbers. */
  readonly labels: Tensor;
  /** The same, one-hot. */
  readonly targets: Tensor;
}

type BatchAt = (turn: number) => Batch;

interface StepContender extends Named {
  build(batchAt: BatchAt): Work;
}

/** What can be built for a training step; the first is how networks train here. */
export function stepContenders({ norm: choice, network }: StepJob, seed: number): StepContender[] {
  const norm = chosenNorm(choice)?.norm;
  const { shape, model: description } = NETWORKS[network]!;
  const build = (norm: NormChoice, settings: Partial<NormSettings> = {}) =>
    buildModel({ ...description, norm }, shape.slice(1), CLASSES, seed, {
      ...NORM_SETTINGS,
      ...settings,
    });
  const custom = (name: string, engine: Engine, implementation?: string): StepContender => ({
    name,
    role: "custom",
    build: (batchAt) => {
      const settings = { engine, ...(implementation === undefined ? {} : { implementation }) };
      return ourStep(build(choice, settings), engine, batchAt);
    },
  });
  const usual = norm && implementationFor(norm, NORM_SETTINGS);
  const others = norm === undefined
    ? []
    : Object.keys(implementationsOf(norm)).filter((name) => name !== usual);
  const layers = norm === undefined
    ? choice
    : norm.counterpart === undefined
    ? undefined
    : counterpartOf(norm);
  return [
    ...(typeof activeGraphs() === "string" ? [] : [custom(COMPILED, "graph")]),
    ...(compilesByXla(description) ? [custom(COMPILED_BY_XLA, "xla")] : []),
    custom(EAGER, "eager"),
    ...others.map((name) => custom(name, "graph", name)),
    ...(layers === undefined ? [] : [
      {
        name: TF_LAYERS,
        role: "reference",
        build: (batchAt) => layersStep(build(layers), batchAt),
      } satisfies StepContender,
    ]),
    ...(choice === NO_NORM ? [] : [
      {
        name: WITHOUT_NORM,
        role: "reference",
        build: (batchAt) => ourStep(build(NO_NORM), "graph", batchAt),
      } satisfies StepContender,
    ]),
  ];
}

function ourStep(model: Model, engine: Engine, batchAt: BatchAt): Work {
  const step = new TrainingStep(model, { optimizer: ADAM, l2: 0, engine });
  return {
    async run(turn) {
      const { images, labels } = batchAt(turn);
      const { loss, correct } = step.run(images, labels);
      await loss.data();
      return [loss, correct];
    },
    mode: () => step.mode,
    dispose() {
      step.dispose();
      model.dispose();
    },
  };
}

/** A step of `tf.layers` and nothing else: what `fit` calls for each batch, which reads the loss. */
function layersStep(model: Model, batchAt: BatchAt): Work {
  const optimizer = tf.train.adam(ADAM.learningRate);
  const loss = (targets: Tensor, logits: Tensor) => tf.losses.softmaxCrossEntropy(targets, logits);
  model.compile({ optimizer, loss });
  return {
    async run(turn) {
      const { images, targets } = batchAt(turn);
      await model.trainOnBatch(images, targets);
      return [];
    },
    dispose() {
      model.dispose();
      optimizer.dispose();
    },
  };
}
