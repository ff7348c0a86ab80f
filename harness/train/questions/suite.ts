/**
 * What a suite is: a question, and the networks whose comparison answers it.
 *
 * @module
 */
import type { ModelDescription } from "../../../models/description.ts";
import type { OptimizerOptions } from "../../../models/optimizer.ts";

/** How much is run. */
export const PRESETS = ["quick", "standard", "full"] as const;

/** One of {@linkcode PRESETS}. */
export type Preset = typeof PRESETS[number];

/** One of the things that a suite compares. */
export interface Arm {
  /** Unique within the suite, as in `mlp/batch`. */
  readonly name: string;
  readonly model: ModelDescription;
  readonly optimizer: OptimizerOptions;
  readonly batchSize: number;
  readonly epochs: number;
  /** Images to learn from, the first of the training set; `all` are those that validation leaves. */
  readonly train: number | "all";
}

/** What a preset runs of a suite. */
export interface Plan {
  /** Trials of each arm, at least three: with fewer, nobody can tell a difference from chance. */
  readonly trials: number;
  /** Images that each epoch is judged on, the last of the training set. */
  readonly validation: number;
  /** Images that a finished trial is judged on, the first of the test set. */
  readonly test: number;
  readonly arms: readonly Arm[];
}

/** An experiment. */
export interface Suite {
  /** What `--suite` takes. */
  readonly name: string;
  /** Heads its report. */
  readonly title: string;
  /** What it is to find out. */
  readonly question: string;
  /** What it varies, where an option of the user's would undo that. */
  readonly varies?: "batchSize";
  plan(preset: Preset): Plan;
}
