/** A data set small enough for tests, and trials on it. */
import type { ImageSet } from "../../fixtures/datasets/image_set.ts";
import { uniformStream } from "../../norms/basics/random.ts";
import { MLP } from "../../models/networks.ts";
import type { NamedImages, TrainingImages } from "./images.ts";
import type { Trial } from "./trials.ts";

const SIDE = 4;
const CLASSES = ["top", "middle", "bottom"];

/** Noise with a bright row that shows the class: `count` images of 4 by 4 pixels. */
function rows(count: number, seed: string): ImageSet {
  const uniform = uniformStream(seed);
  const labels = Uint8Array.from({ length: count }, () => Math.floor(CLASSES.length * uniform()));
  const pixels = Uint8Array.from({ length: count * SIDE * SIDE }, (_, i) => {
    const image = Math.floor(i / SIDE ** 2);
    const row = Math.floor(i / SIDE) % SIDE;
    return 150 * uniform() + (row === labels[image] ? 100 : 0);
  });
  return { pixels, labels, count };
}

/** 70 images to train and validate on, 20 to test on. */
export const SMALL_IMAGES: TrainingImages = {
  train: rows(70, "train"),
  test: rows(20, "test"),
  shape: [SIDE, SIDE, 1],
  classes: CLASSES,
};

/** As many images as the quick preset asks for, and as quickly loaded as a test needs. */
export function loadSmallImages(): Promise<NamedImages> {
  return Promise.resolve({
    ...SMALL_IMAGES,
    name: "rows",
    train: rows(3000, "train"),
    test: rows(1000, "test"),
  });
}

export const SMALL_TRIAL: Trial = {
  id: "test/mlp/batch/0",
  suite: "test",
  arm: "mlp/batch",
  number: 0,
  seed: 5,
  model: { ...MLP, norm: "batch", hidden: [8] },
  optimizer: { name: "adam", learningRate: 0.01 },
  data: { name: "rows", train: 50, validation: 20, test: 20 },
  batchSize: 8,
  epochs: 4,
};
