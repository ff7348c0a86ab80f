/**
 * The field of a training step: one small network with each implementation of a norm, with that of
 * tf.layers, and without.
 *
 * @module
 */
import { buildModel } from "../../models/build.ts";
import type { ModelDescription, NormChoice } from "../../models/description.ts";
import { NORM_SETTINGS } from "../../models/norm_layer.ts";
import { TrainingStep } from "../../models/training_step.ts";
import { implementationsOf } from "../../norms/basics/apply.ts";
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

/** The norms that tf.layers has. */
const STOCK: Readonly<Record<string, NormChoice>> = { batch: "tf-batch", layer: "tf-layer" };

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
  // The layers of weight norm have one implementation.
  const implementations = norm.normalized === "x"
    ? Object.keys(implementationsOf(norm))
    : ["layer"];
  const stock = STOCK[norm.name];
  return {
    ...buildAll([
      ...implementations.map((name) => ({
        name,
        role: "custom" as const,
        build: train(choice, norm.normalized === "x" ? name : undefined),
      })),
      ...(stock === undefined
        ? []
        : [{ name: "tf.layers", role: "reference" as const, build: train(stock) }]),
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
