/** Measures mechanisms one trial after the other, so that a killed run can continue where it was. */
import type { RunFolder } from "../../run/run_folder.ts";
import { showProgress } from "../../run/progress.ts";
import { SCHEMA } from "../../run/record.ts";
import { assertHealthy } from "../../backend/active_backend.ts";
import type { NamedImages } from "../images.ts";
import type { Preset } from "../questions/question.ts";
import type { ObservationRecord, TrainResultRecord } from "../record.ts";
import { type Shard, shardOf } from "../shard.ts";
import { SEED_STRIDE } from "../trials.ts";
import { type Mechanism, MECHANISM_TRIALS, type MechanismArm } from "./mechanism.ts";

/** Which mechanisms are measured, how long, and from which seed on. */
export interface MechanismChoice {
  readonly mechanisms: readonly Mechanism[];
  readonly preset: Preset;
  readonly seed: number;
  /** Instead of the preset's. */
  readonly trials?: number;
  /** Left out, all is measured. */
  readonly shard?: Shard;
}

interface Job {
  readonly mechanism: Mechanism;
  readonly arm: MechanismArm;
  readonly number: number;
}

/**
 * Measures what is not recorded yet: first the first trial of every arm, then the second, so that what an
 * interrupted run has recorded can be compared.
 */
export async function runMechanisms(
  { mechanisms, preset, seed, trials = MECHANISM_TRIALS[preset], shard }: MechanismChoice,
  images: NamedImages,
  backend: string,
  run: RunFolder<TrainResultRecord>,
): Promise<void> {
  const jobs = Array.from(
    { length: trials },
    (_, number) =>
      mechanisms.flatMap((mechanism) =>
        mechanism.arms.map((arm): Job => ({ mechanism, arm, number }))
      ),
  ).flat();
  const recorded = new Set(
    run.results.flatMap((record) => record.kind === "observation" ? [keyOf(record)] : []),
  );
  const own = shard === undefined ? jobs : shardOf(jobs, shard);
  const left = own.filter(({ mechanism: { name: mechanism }, arm, number }) =>
    !recorded.has(keyOf({ mechanism, arm: arm.name, number }))
  );
  if (left.length === 0) return;
  const progress = showProgress("why", left.length, "{percentage} %");
  try {
    for (const { mechanism, arm, number } of left) {
      let reached = 0;
      const title = `${mechanism.name}/${arm.name}/${number}`;
      const onProgress = (share: number) => {
        progress.step(title, share - reached);
        reached = share;
      };
      const trialSeed = seed * SEED_STRIDE + number;
      const settings = mechanism.settings(preset);
      const measured = await arm.measure({ settings, seed: trialSeed, images, onProgress });
      await assertHealthy();
      run.append({
        kind: "observation",
        schema: SCHEMA,
        backend,
        mechanism: mechanism.name,
        arm: arm.name,
        number,
        seed: trialSeed,
        data: images.name,
        settings: { ...settings },
        values: { ...measured.values },
        series: Object.fromEntries(
          Object.entries(measured.series).map((
            [name, { x, y }],
          ) => [name, { x: [...x], y: [...y] }]),
        ),
      });
      onProgress(1);
    }
  } finally {
    progress.stop();
  }
}

function keyOf(
  { mechanism, arm, number }: Pick<ObservationRecord, "mechanism" | "arm" | "number">,
): string {
  return JSON.stringify([mechanism, arm, number]);
}
