/**
 * Runs trials one after the other, so that a killed run can go on where it was.
 *
 * @module
 */
import type { NormbenchRecord } from "../run/record.ts";
import type { RunFolder } from "../run/run_folder.ts";
import { showProgress } from "../run/progress.ts";
import { type Checkpoint, CheckpointFile } from "./checkpoint.ts";
import { expectedMilliseconds } from "./cost.ts";
import { type TrainingImages, trainTrial } from "./train_trial.ts";
import type { Trial } from "./trial.ts";

/**
 * Runs those trials that are not recorded yet, and records them.
 *
 * The record of an epoch is on the disk before its checkpoint. Killed between the two, the epoch is
 * learned again, with the same figures, and not recorded twice.
 */
export async function runTrials(
  trials: readonly Trial[],
  images: TrainingImages,
  backend: string,
  run: RunFolder,
): Promise<void> {
  const left = trials.filter(({ id }) => !hasTrial(run.records, id));
  const cost = (trial: Trial) => Math.ceil(expectedMilliseconds(trial, backend));
  const progress = showProgress(
    "train",
    left.reduce((sum, t) => sum + cost(t), 0),
    "{percentage} %",
  );
  const checkpoints = new CheckpointFile(run.path);
  try {
    for (const trial of left) {
      const from = goingOn(checkpoints.read(trial.id), run);
      const perEpoch = cost(trial) / trial.epochs;
      if (from !== undefined) progress.step(trial.id, from.epoch * perEpoch);
      const result = await trainTrial(trial, images, {
        backend,
        from,
        onEpoch: (record) => {
          if (!hasEpoch(run.records, trial.id, record.epoch)) run.append(record);
          progress.step(`${trial.id}, epoch ${record.epoch} of ${trial.epochs}`, perEpoch);
        },
        save: (checkpoint) => checkpoints.write(checkpoint),
      });
      run.append(result);
      checkpoints.remove();
      progress.step(trial.id, (trial.epochs - result.lastEpoch) * perEpoch);
    }
  } finally {
    progress.stop();
  }
}

/** A checkpoint whose epoch is not recorded is left from a run whose records are gone. */
function goingOn(checkpoint: Checkpoint | undefined, run: RunFolder): Checkpoint | undefined {
  if (checkpoint === undefined) return undefined;
  return hasEpoch(run.records, checkpoint.trial, checkpoint.epoch) ? checkpoint : undefined;
}

function hasTrial(records: readonly NormbenchRecord[], id: string): boolean {
  return records.some((record) => record.kind === "trial" && record.trial.id === id);
}

function hasEpoch(records: readonly NormbenchRecord[], trial: string, epoch: number): boolean {
  return records.some((record) =>
    record.kind === "epoch" && record.trial === trial && record.epoch === epoch
  );
}
