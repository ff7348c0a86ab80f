import { UsageError } from "../../norms/basics/errors.ts";
import type { ReadEnv } from "../run/machine.ts";

/** One of `count` equal parts. */
export interface Shard {
  readonly number: number;
  readonly count: number;
}

const AUTO = "auto";

/**
 * Reads the value of `--shard`: `2/8`, or `auto` in a SLURM array, or `auto/8` in an indexed job of
 * Kubernetes, which does not pass their number to its pods.
 *
 * @throws {UsageError} if it is not a shard, is out of range, or the scheduler did not set the variables.
 */
export function parseShard(text: string, env: ReadEnv): Shard {
  const [number, count, ...others] = text.split("/");
  if (others.length > 0) throw notAShard(text);
  if (number === AUTO) return count === undefined ? slurmShard(env) : indexedShard(count, env);
  return checked({ number: Number(number), count: Number(count) }, text);
}

/** Every `count`-th of `items`, the first being that of the shard's number. */
export function shardOf<T>(items: readonly T[], { number, count }: Shard): T[] {
  return items.filter((_, index) => index % count === number - 1);
}

/** The shard as `--shard` takes it. */
export function formatShard({ number, count }: Shard): string {
  return `${number}/${count}`;
}

/** A SLURM array job: `sbatch --array=0-7`, or any other range with even steps. */
function slurmShard(env: ReadEnv): Shard {
  const [id, min, count] = ["ID", "MIN", "COUNT"].map((name) => env(`SLURM_ARRAY_TASK_${name}`));
  if (id === undefined || min === undefined || count === undefined) {
    throw new UsageError(
      "--shard auto finds no SLURM_ARRAY_TASK_ID, _MIN and _COUNT. Start it with sbatch --array, " +
        "give the number of pods as in --shard auto/8 in an indexed job of Kubernetes, or name the " +
        "shard as in --shard 1/8.",
    );
  }
  const step = Number(env("SLURM_ARRAY_TASK_STEP") ?? 1);
  const shard = { number: (Number(id) - Number(min)) / step + 1, count: Number(count) };
  if (isShard(shard)) return shard;
  throw new UsageError(
    `--shard auto cannot tell which of ${count} tasks of the SLURM array is number ${id}: its ` +
      "numbers have gaps. Give sbatch a range without them, as in --array=0-7.",
  );
}

/** An indexed job of Kubernetes, whose completions only its manifest knows. */
function indexedShard(count: string, env: ReadEnv): Shard {
  const index = env("JOB_COMPLETION_INDEX");
  if (index === undefined) {
    throw new UsageError(
      `--shard auto/${count} finds no JOB_COMPLETION_INDEX. Set completionMode: Indexed in the job's ` +
        "manifest, or name the shard as in --shard 1/8.",
    );
  }
  return checked({ number: Number(index) + 1, count: Number(count) }, `auto/${count}`);
}

function checked(shard: Shard, text: string): Shard {
  if (isShard(shard)) return shard;
  if (!Number.isInteger(shard.number) || !Number.isInteger(shard.count)) throw notAShard(text);
  throw new UsageError(
    `--shard ${text} asks for shard ${shard.number} of ${shard.count}. They are numbered from 1 up ` +
      "to their count.",
  );
}

function isShard({ number, count }: Shard): boolean {
  return Number.isInteger(number) && Number.isInteger(count) && number >= 1 && number <= count;
}

function notAShard(text: string): UsageError {
  return new UsageError(
    `--shard ${text} is not a shard. Give its number and how many there are, as in --shard 2/8.`,
  );
}
