/**
 * N8, N9 and the networks of N10: what is trained, in which order, and with which random numbers.
 *
 * @module
 */
import { breathe } from "../../norms/basics/event_loop.ts";
import { mean } from "../../reports/statistics.ts";
import { SCHEMA } from "../run/record.ts";
import type { NotebookImages } from "./images.ts";
import { nameOfTraining, type StudyRunRecord, type Training } from "./record.ts";
import { drawRounds, type Round, trainNetwork } from "./training.ts";

/** The networks with a norm. */
export const NORMALIZED = ["batch norm", "layer norm"] as const;

/** Steps over which the final loss is averaged. */
const FINAL_STEPS = 100;

/** What the runs have in common unless a study varies it. */
const USUAL = { l2: 0, batchSize: 50, learningRate: 1e-3 } as const;

/** The scales of N8: `np.logspace(-4, 0, num=20)`. */
export const SCALES: readonly number[] = Array.from(
  { length: 20 },
  (_, i) => 10 ** (-4 + i * 4 / 19),
);

/** N8: at every scale a network with a norm and one without. */
function scaleRounds(network: typeof NORMALIZED[number]): Round[] {
  const setting = { ...USUAL, layers: 7, units: 50 };
  return SCALES.map((weightScale) => [
    { network, ...setting, weightScale },
    { network: "plain", ...setting, weightScale },
  ]);
}

/** The batch sizes of N9. */
export const BATCH_SIZES = [5, 10, 50] as const;

/** N9: the plain network with the smallest batch, then the one with a norm with each batch. */
function batchSizeRounds(network: typeof NORMALIZED[number]): Round[] {
  const setting = { layers: 5, units: 100, weightScale: 2e-2, l2: 0, learningRate: 10 ** -3.5 };
  return [
    [{ network: "plain", ...setting, batchSize: BATCH_SIZES[0] }],
    ...BATCH_SIZES.map((batchSize): Round => [{ network, ...setting, batchSize }]),
  ];
}

/** The network of question 4 from which depth, width and regularization depart one at a time. */
export const QUESTION_4 = { ...USUAL, layers: 5, units: 50, weightScale: "auto" } as const;

/** What question 4 asks about, and the values that are tried; the last is the one that it means. */
export const QUESTION_4_VALUES = {
  layers: [2, 5, 10, 20],
  units: [100, 50, 20, 10, 5, 2],
  l2: [0, 1e-3, 1e-2, 1e-1, 1],
} as const;

/** The networks of question 4; those that differ in the norm alone start from the same seed, and so are pairs. */
function question4Passes(): Round[][] {
  const settings = Object.entries(QUESTION_4_VALUES).flatMap(([name, values]) =>
    values.map((value) => ({ ...QUESTION_4, [name]: value }))
  );
  return settings.flatMap((setting) =>
    [...NORMALIZED, "plain" as const].map((network) => [[{ network, ...setting }]])
  );
}

/** How many seeds and networks train. */
export const PRESETS = ["quick", "standard"] as const;

/** One of {@linkcode PRESETS}. */
export type Preset = typeof PRESETS[number];

/** The passes of each study. Each begins with the seed; a run that an earlier pass has made is not made again. */
export const STUDIES: Readonly<
  Record<StudyRunRecord["experiment"], readonly (readonly Round[])[]>
> = {
  N8: NORMALIZED.map(scaleRounds),
  N9: NORMALIZED.map(batchSizeRounds),
  N10: question4Passes(),
};

/** Which networks `quick` trains, in a minute for all: of N8 every sixth scale, of N9 no layer norm, of N10 none. */
const QUICK: Readonly<Record<StudyRunRecord["experiment"], (training: Training) => boolean>> = {
  N8: ({ weightScale }) => SCALES.findIndex((scale) => scale === weightScale) % 6 === 0,
  N9: ({ network }) => network !== "layer norm",
  N10: () => false,
};

/** How a study is run. */
export interface StudyPlan {
  readonly experiment: StudyRunRecord["experiment"];
  readonly preset: Preset;
  readonly seed: number;
  readonly epochs: number;
  readonly images: NotebookImages;
  /** The active backend. */
  readonly backend: string;
}

/** Trains the networks of a study from one seed, except those that are `recorded`. */
export async function* runStudy(
  { experiment, preset, seed, epochs, images, backend }: StudyPlan,
  recorded: readonly StudyRunRecord[],
): AsyncGenerator<StudyRunRecord> {
  const known = new Set(
    recorded.filter((run) =>
      run.experiment === experiment && run.seed === seed && run.backend === backend
    ).map(({ training }) => nameOfTraining(training)),
  );
  for (const rounds of STUDIES[experiment]) {
    const isLeft = (training: Training) =>
      !known.has(nameOfTraining(training)) && (preset !== "quick" || QUICK[experiment](training));
    if (!rounds.flat().some(isLeft)) continue;
    for (const { training, draws } of drawRounds(seed, rounds, images)) {
      await breathe();
      if (!isLeft(training)) continue;
      known.add(nameOfTraining(training));
      const { losses, accuracies } = await trainNetwork(training, draws, images, epochs);
      const finalLoss = mean(losses.slice(-FINAL_STEPS));
      yield {
        kind: "study-run",
        schema: SCHEMA,
        backend,
        experiment,
        training,
        seed,
        accuracies,
        finalLoss,
      };
    }
  }
}
