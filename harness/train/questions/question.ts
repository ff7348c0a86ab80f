/** What a question is: the networks whose comparison answers it, the comparisons, and its page. */
import type { ModelDescription } from "../../../models/description.ts";
import type { OptimizerOptions } from "../../../models/optimizer.ts";
import type { FigureSpec } from "../../../reports/figure.ts";
import type { Finding } from "../report/findings.ts";
import type { Comparing } from "../report/model.ts";
import type { Panel } from "../report/panel.ts";
import type { Measure } from "../report/measures.ts";
import type { Column } from "../report/tables.ts";

export const PRESETS = ["quick", "standard", "full"] as const;

export type Preset = typeof PRESETS[number];

export interface ArmPlan {
  /** Unique within the question, as in `mlp/batch`. */
  readonly name: string;
  readonly model: ModelDescription;
  readonly optimizer: OptimizerOptions;
  readonly batchSize: number;
  readonly epochs: number;
  /** Training images, the first of the training set; `all` are those that validation leaves. */
  readonly train: number | "all";
}

export interface Plan {
  /** Trials of each arm; fewer than three cannot tell a difference from chance. */
  readonly trials: number;
  /** Images that each epoch is judged on, the last of the training set. */
  readonly validation: number;
  /** Images that a finished trial is judged on, the first of the test set. */
  readonly test: number;
  readonly arms: readonly ArmPlan[];
}

export interface Question extends Comparing {
  /** What `--suite` takes. */
  readonly name: string;
  readonly title: string;
  readonly question: string;
  plan(preset: Preset): Plan;
  /** Columns after the arms and their trials, a list a table; a measure stands for its mean. */
  readonly tables: readonly (readonly (Measure | Column)[])[];
  readonly limits: readonly string[];
  /** Figures of the panels of one site; `name` makes names of files. */
  figures(panels: readonly Panel[], name: (figure: string) => string): (FigureSpec | null)[];
  /** What its records answer in addition to the comparisons. */
  readonly findings: readonly Finding[];
}

export interface Size {
  readonly trials: number;
  readonly train: number | "all";
  readonly validation: number;
  readonly test: number;
  readonly epochs: number;
}

/** For questions on the networks of the assignments. */
export const IMAGE_SIZES: Readonly<Record<Preset, Size>> = {
  quick: { trials: 3, train: 2000, validation: 1000, test: 1000, epochs: 4 },
  standard: { trials: 5, train: 10_000, validation: 2000, test: 10_000, epochs: 5 },
  full: { trials: 5, train: "all", validation: 5000, test: 10_000, epochs: 10 },
};

/** For questions that replay the notebook, which trains and validates on 1000 images each. */
export const NOTEBOOK_SIZES: Readonly<Record<Preset, Size>> = {
  quick: { trials: 3, train: 500, validation: 1000, test: 1000, epochs: 5 },
  standard: { trials: 3, train: 1000, validation: 1000, test: 10_000, epochs: 10 },
  full: { trials: 5, train: 1000, validation: 1000, test: 10_000, epochs: 10 },
};

export function planOf(
  { trials, validation, test, train, epochs }: Size,
  models: Readonly<Record<string, ModelDescription>>,
  { batchSize, optimizer }: { batchSize: number; optimizer: OptimizerOptions },
): Plan {
  const arms = Object.entries(models).map(([name, model]) => ({
    name,
    model,
    optimizer,
    batchSize,
    epochs,
    train,
  }));
  return { trials, validation, test, arms };
}
