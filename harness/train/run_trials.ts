/** Runs trials one after the other, so that a killed run can continue where it was. */
import type { RunFolder } from "../run/run_folder.ts";
import type { EpochRecord, TrialRecord } from "./record.ts";
import { showProgress } from "../run/progress.ts";
import { type Checkpoint, CheckpointFile } from "./checkpoint.ts";
import type { TrainingImages } from "./images.ts";
import { settingsOf } from "./report/pairs.ts";
import { trainTrial } from "./train_trial.ts";
import type { Trial } from "./trials.ts";

type TrainFolder = RunFolder<EpochRecord | TrialRecord>;

/**
 * Runs those trials that are not recorded yet, and records them.
 *
 * The record of an epoch is on the disk before its checkpoint. Killed between the two, the run trains
 * the epoch again, with the same figures, and does not record it twice.
 */
export async function runTrials(
  trials: readonly Trial[],
  images: TrainingImages,
  backend: string,
  run: TrainFolder,
): Promise<void> {
  const recorded = new Recorded(run);
  const left = trials.filter(({ id }) => !recorded.hasTrial(id));
  const checkpoints = new CheckpointFile(run.path);
  const estimate = new TimeEstimate(left);
  const progress = showProgress("train", Infinity, "{percentage} %");
  let measured = 0;
  try {
    for (const [index, trial] of left.entries()) {
      const checkpoint = checkpoints.read(trial.id);
      // A checkpoint whose epoch is not recorded is left from a run whose records are gone.
      const from = checkpoint && recorded.hasEpoch(trial.id, checkpoint.epoch)
        ? checkpoint
        : undefined;
      let start = performance.now();
      const result = await trainTrial(trial, images, {
        backend,
        from,
        onEpoch: (record) => {
          if (!recorded.hasEpoch(trial.id, record.epoch)) run.append(record);
          const milliseconds = performance.now() - start;
          start = performance.now();
          measured += milliseconds;
          estimate.add(trial, milliseconds);
          const epochsLeft = trial.epochs - record.epoch;
          progress.expect(measured + estimate.of(left.slice(index + 1), trial, epochsLeft));
          progress.step(
            `${trial.id}, epoch ${record.epoch} of ${trial.epochs}`,
            milliseconds,
          );
        },
        save: (checkpoint: Checkpoint) => checkpoints.write(checkpoint),
      });
      run.append(result);
      checkpoints.remove();
    }
  } finally {
    progress.stop();
  }
}

/** Which trials and epochs a run has recorded, looked up once. */
class Recorded {
  readonly #trials = new Set<string>();
  readonly #epochs = new Set<string>();

  constructor({ records }: TrainFolder) {
    for (const record of records) {
      if (record.kind === "trial") this.#trials.add(record.trial.id);
      if (record.kind === "epoch") this.#epochs.add(`${record.trial}/${record.epoch}`);
    }
  }

  hasTrial(id: string): boolean {
    return this.#trials.has(id);
  }

  hasEpoch(id: string, epoch: number): boolean {
    return this.#epochs.has(`${id}/${epoch}`);
  }
}

/** What an arm is called in the estimate; trials of an arm take the same time. */
function armOf({ suite, arm }: Trial): string {
  return `${suite}/${arm}`;
}

function stepsOf({ data, batchSize }: Trial): number {
  return Math.floor(data.train / batchSize);
}

/**
 * How long trials take, from those measured so far in the run.
 *
 * A step of an arm that was not measured is expected to take what it takes in the measured arms that have
 * most of its settings.
 */
export class TimeEstimate {
  readonly #arms: ReadonlyMap<string, Trial>;
  readonly #measured = new Map<string, { milliseconds: number; steps: number }>();
  readonly #alike = new Map<string, ReadonlyMap<string, number>>();

  constructor(trials: readonly Trial[]) {
    this.#arms = new Map(trials.map((trial) => [armOf(trial), trial]));
  }

  add(trial: Trial, milliseconds: number): void {
    const before = this.#measured.get(armOf(trial)) ?? { milliseconds: 0, steps: 0 };
    this.#measured.set(armOf(trial), {
      milliseconds: before.milliseconds + milliseconds,
      steps: before.steps + stepsOf(trial),
    });
  }

  /** Milliseconds that whole trials and some epochs of another are expected to take. */
  of(trials: readonly Trial[], current: Trial, epochs: number): number {
    const perStep = new Map<string, number>();
    const take = (trial: Trial, epochs: number) => {
      const arm = armOf(trial);
      if (!perStep.has(arm)) perStep.set(arm, this.#perStep(arm));
      return epochs * stepsOf(trial) * perStep.get(arm)!;
    };
    return trials.reduce((sum, trial) => sum + take(trial, trial.epochs), take(current, epochs));
  }

  #perStep(arm: string): number {
    const own = this.#measured.get(arm);
    if (own !== undefined) return own.milliseconds / own.steps;
    const alike = this.#likeness(arm);
    const most = Math.max(...[...this.#measured.keys()].map((other) => alike.get(other) ?? 0));
    const nearest = [...this.#measured].filter(([other]) => (alike.get(other) ?? 0) === most);
    const sum = (of: "milliseconds" | "steps") =>
      nearest.reduce((total, [, measured]) => total + measured[of], 0);
    return sum("milliseconds") / sum("steps");
  }

  #likeness(arm: string): ReadonlyMap<string, number> {
    let found = this.#alike.get(arm);
    if (found === undefined) {
      const texts = (trial: Trial) =>
        new Set([...settingsOf(trial)].map((setting) => JSON.stringify(setting)));
      const own = texts(this.#arms.get(arm)!);
      found = new Map(
        [...this.#arms].map(([name, trial]) => [name, own.intersection(texts(trial)).size]),
      );
      this.#alike.set(arm, found);
    }
    return found;
  }
}
