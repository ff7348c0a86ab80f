/**
 * The field of a training step: one small network with each implementation of a norm, with that of
 * tf.layers, and without.
 *
 * @module
 */
import { buildModel } from "../../models/build.ts";
import type { ModelDescription, NormChoice } from "../../models/description.ts";
import { counterpartOf, NORM_SETTINGS } from "../../models/norm_layer.ts";
import { TrainingStep } from "../../models/training_step.ts";
import { implementationsOf } from "../../norms/basics/apply.ts";
import { normalizesKernels } from "../../norms/basics/norm.ts";
import type { Shape } from "../../norms/basics/shape.ts";
import * as tf from "../../norms/basics/tf.ts";
import { WITHOUT_NORM } from "./record.ts";
import { ADAM, CNN, MLP } from "../../models/networks.ts";
import type { Contender } from "./contender.ts";
import { makeRing } from "./inputs.ts";
import { buildAll, type Field, type Job } from "./job.ts";

/** Classes that the networks tell apart. */
const CLASSES = 10;

/** A network to train. */
export interface Network {
  /** Of a batch. */
  readonly shape: Shape;
  readonly model: ModelDescription;
}

/** The networks, by name: those that courses train on Fashion-MNIST. */
export const NETWORKS: Readonly<Record<string, Network>> = {
  mlp: { shape: [64, 784], model: MLP },
  cnn: { shape: [64, 28, 28, 1], model: CNN },
};

/** Builds the field on the active backend. */
export function trainingField({ norm, network: name }: Job, seed: number): Field {
  const network = NETWORKS[name!]!;
  const images = makeRing(network.shape, `bench/${seed}/images`);
  const labels = tf.tensor1d(
    Array.from({ length: network.shape[0]! }, (_, i) => i % CLASSES),
    "int32",
  );
  const train = (choice: NormChoice, implementation?: string) => () => {
    const model = buildModel(
      { ...network.model, norm: choice },
      network.shape.slice(1),
      CLASSES,
      seed,
      { ...NORM_SETTINGS, ...(implementation === undefined ? {} : { implementation }) },
    );
    const step = new TrainingStep(model, { optimizer: ADAM, l2: 0 });
    return {
      run: (turn) => Object.values(step.run(images.at(turn), labels)),
      dispose: () => {
        step.dispose();
        model.dispose();
      },
    } satisfies Omit<Contender, "name" | "role">;
  };
  const choice = norm.name as NormChoice;
  // A network with weight norm takes one implementation, and its contender is called `layer`.
  const isKernels = normalizesKernels(norm);
  const implementations = isKernels ? ["layer"] : Object.keys(implementationsOf(norm));
  return {
    ...buildAll([
      ...implementations.map((name) => ({
        name,
        role: "custom" as const,
        build: train(choice, isKernels ? undefined : name),
      })),
      ...(norm.counterpart === undefined ? [] : [{
        name: "tf.layers",
        role: "reference" as const,
        build: train(counterpartOf(norm)),
      }]),
      { name: WITHOUT_NORM, role: "reference", build: train("none") },
    ]),
    inputs: images.tensors.length,
    cache: images.cache,
    dispose: () => {
      images.dispose();
      labels.dispose();
    },
  };
}
