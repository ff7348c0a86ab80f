/** Runs trials one after the other, so that a killed run can continue where it was. */
import type { Engine } from "../../models/compile.ts";
import type { RunFolder } from "../run/run_folder.ts";
import type { TrainResultRecord } from "./record.ts";
import { showProgress } from "../run/progress.ts";
import { CheckpointFile } from "./checkpoint.ts";
import type { TrainingImages } from "./images.ts";
import { settingsOf } from "./settings.ts";
import { trainTrial } from "./train_trial.ts";
import type { Trial } from "./trials.ts";

type TrainFolder = RunFolder<TrainResultRecord>;

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
  engine: Engine = "graph",
): Promise<void> {
  const recorded = new Set(run.records.map(keyOf));
  const left = trials.filter(({ id }) => !recorded.has(id));
  const checkpoints = new CheckpointFile(run.path);
  const estimate = new TimeEstimate(left);
  const progress = showProgress("train", Infinity, "{percentage} %");
  let measured = 0;
  try {
    for (const [index, trial] of left.entries()) {
      const checkpoint = checkpoints.read(trial.id, console.error);
      // A checkpoint whose epoch is not recorded is left from a run whose records are gone.
      const isRecorded = checkpoint && recorded.has(epochKey(trial.id, checkpoint.epoch));
      // XLA has other last digits than the first steps, which are recorded: the trial starts anew.
      const from = isRecorded && engine !== "xla" ? checkpoint : undefined;
      let start = performance.now();
      const result = await trainTrial(trial, images, {
        backend,
        engine,
        from,
        onEpoch: (record) => {
          if (!recorded.has(epochKey(trial.id, record.epoch))) run.append(record);
          const milliseconds = performance.now() - start;
          start = performance.now();
          measured += milliseconds;
          estimate.add(trial, milliseconds);
          const epochsLeft = trial.epochs - record.epoch;
          progress.expect(measured + estimate.of(left.slice(index + 1), trial, epochsLeft));
          progress.step(`${trial.id}, epoch ${record.epoch} of ${trial.epochs}`, milliseconds);
        },
        save: (checkpoint) => checkpoints.write(checkpoint),
      });
      run.append(result);
      checkpoints.remove();
    }
  } finally {
    progress.stop();
  }
}

/** What a record is looked up by: the id of a trial, or that and the epoch. */
function keyOf(record: TrainFolder["records"][number]): string | undefined {
  if (record.kind === "epoch") return epochKey(record.trial, record.epoch);
  return record.kind === "trial" ? record.trial.id : undefined;
}

function epochKey(trial: string, epoch: number): string {
  return `${trial}: ${epoch}`;
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
 * A step of an arm that was not measured is expected to take as long as in the measured arms that share
 * most of its settings.
 */
export class TimeEstimate {
  readonly #settings: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #measured = new Map<string, { milliseconds: number; steps: number }>();

  constructor(trials: readonly Trial[]) {
    this.#settings = new Map(
      trials.map((trial) => [
        armOf(trial),
        new Set([...settingsOf(trial)].map((setting) => JSON.stringify(setting))),
      ]),
    );
  }

  /** One epoch of a trial took so long, its validation included. */
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
    const settings = this.#settings.get(arm)!;
    const measured = [...this.#measured].map(([other, times]) => ({
      ...times,
      alike: this.#settings.get(other)!.intersection(settings).size,
    }));
    const most = Math.max(...measured.map(({ alike }) => alike));
    const nearest = measured.filter(({ alike }) => alike === most);
    const sum = (of: "milliseconds" | "steps") =>
      nearest.reduce((total, each) => total + each[of], 0);
    return sum("milliseconds") / sum("steps");
  }
}
