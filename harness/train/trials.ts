import type { ModelDescription } from "../../models/description.ts";
import { trainingBytes } from "../../models/memory.ts";
import type { OptimizerOptions } from "../../models/optimizer.ts";
import type { ImageSplits } from "../../fixtures/datasets/image_set.ts";
import { UsageError } from "../../norms/basics/errors.ts";
import { checkMemory } from "../backend/memory.ts";
import type { BackendName } from "../backend/registry.ts";
import { splitImages, type TrainingImages } from "./images.ts";
import type { ArmPlan, Plan, Preset, Question } from "./questions/question.ts";
import type { TrialDescription } from "./record.ts";

/** A trial's description, whose network and optimizer are known to exist. */
export interface Trial extends TrialDescription {
  readonly model: ModelDescription;
  readonly optimizer: OptimizerOptions;
}

export interface TrialChoice {
  readonly suites: readonly Question[];
  readonly preset: Preset;
  readonly seed: number;
  /** Norms whose arms run, besides `none`; empty: all. */
  readonly norms: readonly string[];
  /** Instead of the preset's. */
  readonly trials?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
}

/** The most trials of an arm: the seeds of those of one `--seed` and of the next do not overlap. */
export const SEED_STRIDE = 1000;

/** The largest `--seed` whose trials have seeds that are exact. */
export const MOST_SEED: number = Math.floor(Number.MAX_SAFE_INTEGER / SEED_STRIDE) - 1;

/**
 * The trials of these suites: first the first trial of every arm, then the second, so that what an
 * interrupted run has recorded can be compared. Equal numbers share a seed, and so their first
 * weights and the order of their images.
 *
 * @param dataset Images and their name.
 * @throws {UsageError} if the data set is too small, a batch is larger than the data, the batch size is
 *   given to a suite that varies it, or no arm is left.
 */
export function planTrials(
  choice: TrialChoice,
  dataset: ImageSplits & { readonly name: string },
): Trial[] {
  const trials = choice.suites.flatMap((suite) => suiteTrials(suite, choice, dataset));
  if (trials.length === 0) {
    throw new UsageError(
      `No arm of ${choice.suites.map(({ name }) => name).join(", ")} has the norm ` +
        `${choice.norms.join(" or ")}. Choose another norm, or another suite.`,
    );
  }
  for (const trial of trials) checkTrial(trial, dataset);
  return trials;
}

function suiteTrials(
  suite: Question,
  choice: TrialChoice,
  dataset: ImageSplits & { readonly name: string },
): Trial[] {
  if (suite.varies.includes("batchSize") && choice.batchSize !== undefined) {
    throw new UsageError(
      `The suite ${suite.name} compares batch sizes, which --batch-size would make all the same. ` +
        "Leave out one of the two.",
    );
  }
  const plan = suite.plan(choice.preset);
  const arms = armsWith(plan, choice.norms);
  const numbers = Array.from({ length: choice.trials ?? plan.trials }, (_, number) => number);
  return numbers.flatMap((number) =>
    arms.map((arm): Trial => ({
      id: `${suite.name}/${arm.name}/${number}`,
      suite: suite.name,
      arm: arm.name,
      number,
      seed: choice.seed * SEED_STRIDE + number,
      model: arm.model,
      optimizer: arm.optimizer,
      data: {
        name: dataset.name,
        train: arm.train === "all" ? dataset.train.count - plan.validation : arm.train,
        validation: plan.validation,
        test: plan.test,
      },
      batchSize: choice.batchSize ?? arm.batchSize,
      epochs: choice.epochs ?? arm.epochs,
    }))
  );
}

function armsWith({ arms }: Plan, norms: readonly string[]): readonly ArmPlan[] {
  const isChosen = ({ model }: ArmPlan) => norms.includes(model.norm);
  if (norms.length === 0) return arms;
  if (!arms.some(isChosen)) return [];
  return arms.filter((arm) => isChosen(arm) || arm.model.norm === "none");
}

/**
 * Makes sure that a trial's network and batches fit in memory.
 *
 * @param available Bytes of the machine that are free.
 * @throws {RangeError} naming the trial and what it needs, if they do not.
 */
export function checkFits(
  { id, model, batchSize }: Trial,
  { shape, classes }: Pick<TrainingImages, "shape" | "classes">,
  backend: BackendName,
  available?: number,
): void {
  checkMemory(
    {
      what: `${id} with ${model.hidden.join(", ")} hidden units and batches of ${batchSize}`,
      bytes: trainingBytes(model, shape, classes.length, batchSize),
      remedy: "Choose fewer units, or smaller batches",
    },
    backend,
    available,
  );
}

/**
 * Makes sure that the images suffice for a trial.
 *
 * @throws {UsageError} if there are too few of them, or a batch is larger than the training images.
 */
export function checkTrial({ id, data, batchSize }: Trial, dataset: ImageSplits): void {
  splitImages(dataset, data);
  if (batchSize > data.train) {
    throw new UsageError(
      `A batch of ${batchSize} is larger than the ${data.train} training images of ${id}. ` +
        "Choose a smaller batch size, or more images.",
    );
  }
}
