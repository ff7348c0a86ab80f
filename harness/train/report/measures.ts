/** What is measured of a trial, how it is written, and in which direction it is better. */
import { formatNumber } from "../../../reports/format.ts";
import type { Arm, EndedTrial, Panel } from "./panel.ts";
import { plainPartner } from "./pairs.ts";
import { mean, type Numbered } from "../../../reports/statistics.ts";

export interface Measure {
  readonly name: string;
  readonly better: "higher" | "lower";
  /** By the number of the trial; values that are not finite are left out. */
  of(arm: Arm, panel: Panel): Numbered;
  format(value: number): string;
  /** A difference or a deviation, without sign and unit. */
  formatSize(difference: number): string;
  /** The unit of differences, with the space before it. */
  readonly unit: string;
}

type ReadTrial = (trial: EndedTrial) => number | undefined;

function ofTrials(read: ReadTrial): Measure["of"] {
  return ({ finished }) =>
    new Map(
      finished.map((trial) => [trial.record.trial.number, read(trial) ?? NaN] as const)
        .filter(([, value]) => Number.isFinite(value)),
    );
}

/** An accuracy as a percentage that is kept on one line: `87.3 %`. */
export function formatAccuracy(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0%`;
}

function accuracy(name: string, read: ReadTrial): Measure {
  return {
    name,
    better: "higher",
    of: ofTrials(read),
    format: formatAccuracy,
    formatSize: (difference) => {
      const points = Math.abs(100 * difference);
      return points.toFixed(points > 0 && points < 0.095 ? 2 : 1);
    },
    unit: " points",
  };
}

function number(name: string, read: ReadTrial): Measure {
  return {
    name,
    better: "lower",
    of: ofTrials(read),
    format: formatNumber,
    formatSize: (difference) => formatNumber(Math.abs(difference), 2),
    unit: "",
  };
}

export const TEST_ACCURACY = accuracy("test accuracy", ({ record }) => record.test.accuracy);

export const TEST_LOSS = number("test loss", ({ record }) => record.test.loss);

export const TRAINING_ACCURACY = accuracy(
  "training accuracy",
  ({ epochs }) => epochs.at(-1)?.train.accuracy,
);

export const VALIDATION_ACCURACY = accuracy(
  "validation accuracy",
  ({ epochs }) => epochs.at(-1)?.validation.accuracy,
);

export const BEST_TRAINING = accuracy(
  "best training accuracy",
  ({ epochs }) => Math.max(...epochs.map(({ train }) => train.accuracy)),
);

export const BEST_VALIDATION = accuracy(
  "best validation accuracy",
  ({ epochs }) => Math.max(...epochs.map(({ validation }) => validation.accuracy)),
);

/** Mean training loss of the last 100 steps. */
export const FINAL_LOSS = number("final training loss", ({ record }) => record.finalLoss);

export const SPEED: Measure = {
  ...number("images a second", ({ record }) => record.imagesPerSecond),
  better: "higher",
};

/** Time of a training image as a multiple of what the plain network takes, trial by trial. */
export const COST: Measure = {
  name: "time of an image, relative to none",
  better: "lower",
  of(arm, panel) {
    const plain = plainPartner(arm, panel);
    if (plain === undefined || plain === arm) return new Map();
    const plainSpeeds = SPEED.of(plain, panel);
    return new Map(
      [...SPEED.of(arm, panel)].flatMap(([number, speed]) => {
        const plainSpeed = plainSpeeds.get(number);
        return plainSpeed === undefined ? [] : [[number, plainSpeed / speed] as const];
      }),
    );
  },
  format: (ratio) => `${ratio.toFixed(2)}×`,
  formatSize: (difference) => Math.abs(difference).toFixed(2),
  unit: "×",
};

/** The means of those arms that have the measure, in the order of the arms. */
export function meansOf(arms: readonly Arm[], measure: Measure, panel: Panel): Map<Arm, number> {
  return new Map(arms.flatMap((arm) => {
    const values = [...measure.of(arm, panel).values()];
    return values.length > 0 ? [[arm, mean(values)] as const] : [];
  }));
}

/** Target of the validation accuracy where there is no plain network to catch up with. */
const USUAL_TARGET = 0.8;

/** The validation accuracy that an arm is to reach: what the plain network ends with, on average. */
export function targetOf(arm: Arm, panel: Panel): number {
  const plain = plainPartner(arm, panel);
  const [end] = plain === undefined ? [] : meansOf([plain], VALIDATION_ACCURACY, panel).values();
  return end ?? USUAL_TARGET;
}

/** The first epoch of each finished trial that reaches a validation accuracy, of those that do. */
export function epochsTo(target: number, { finished }: Arm): number[] {
  return finished.flatMap(({ epochs }) => {
    const reached = epochs.find(({ validation }) => validation.accuracy >= target);
    return reached === undefined ? [] : [reached.epoch];
  });
}
