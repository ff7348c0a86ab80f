/**
 * Images, and records of training, for tests.
 *
 * @module
 */
import { RandomState } from "../../fixtures/numpy_random.ts";
import { SCHEMA } from "../run/record.ts";
import { type NotebookImages, prepareImages, type Split } from "./images.ts";
import type { NotebookRunRecord, StudyRunRecord, Training } from "./record.ts";
import recording from "./training_recording.json" with { type: "json" };

/** Small random images. */
function randomImages(seed: number, features: number, split: Split): NotebookImages {
  const random = new RandomState(seed);
  const count = split.population + split.validation;
  const pixels = Uint8Array.from(random.randint(0, 256, count * features));
  const labels = Uint8Array.from(random.randint(0, 10, count));
  return prepareImages({ pixels, labels, count }, split);
}

/** The images of the recording. */
export function recordedImages(): NotebookImages {
  const { features, ...split } = recording.images;
  return randomImages(recording.seeds.data, features, split);
}

/** A few small images instead of CIFAR-10: an epoch has two steps. */
export function fewImages(): NotebookImages {
  return randomImages(5, 12, { population: 120, train: 100, validation: 10 });
}

/** A run of the plain network on wasm, unless `changes` say otherwise. */
export function notebookRun(
  seed: number,
  changes: Partial<NotebookRunRecord> = {},
): NotebookRunRecord {
  return {
    kind: "notebook-run",
    schema: SCHEMA,
    backend: "wasm",
    network: "plain",
    seed,
    losses: [],
    accuracies: [],
    ...changes,
  };
}

/** A run of a study that ends with an accuracy. */
export function studyRun(
  experiment: StudyRunRecord["experiment"],
  training: Training,
  seed: number,
  accuracy: number,
): StudyRunRecord {
  return {
    kind: "study-run",
    schema: SCHEMA,
    backend: "tensorflow",
    experiment,
    training,
    seed,
    accuracies: [
      { epoch: 0, train: 0.1, validation: 0.1 },
      { epoch: 10, train: accuracy, validation: accuracy / 2 },
    ],
    finalLoss: 3 - accuracy,
  };
}
