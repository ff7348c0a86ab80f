/**
 * Contenders: what is timed, one beside the other.
 *
 * @module
 */
import { messageOf } from "../../norms/basics/errors.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { do_not_optimize } from "./mitata.ts";
import type { ContenderRole, FailedTiming } from "./record.ts";

export interface Named {
  readonly name: string;
  readonly role: ContenderRole;
}

export interface Work {
  /** Does its work on the input whose turn it is; the caller disposes of what it returns. */
  run(turn: number): readonly Tensor[];
  dispose(): void;
}

/** Something that can be run again and again, with one input after the other. */
export interface Contender extends Named, Work {}

/** The contenders of a job on the active backend. */
export interface Field {
  readonly contenders: readonly Contender[];
  readonly failed: readonly FailedTiming[];
  readonly inputs: number;
  readonly cache: "hot" | "cold";
  dispose(): void;
}

export function buildAll(
  builders: readonly (Named & { build(): Work })[],
): Pick<Field, "contenders" | "failed"> {
  const contenders: Contender[] = [];
  const failed: FailedTiming[] = [];
  for (const { name, role, build } of builders) {
    try {
      contenders.push({ name, role, ...build() });
    } catch (error) {
      failed.push(failedTiming({ name, role }, error));
    }
  }
  return { contenders, failed };
}

export function failedTiming({ name, role }: Named, error: unknown): FailedTiming {
  return { name, role, error: messageOf(error) };
}

/** Runs a contender once and disposes of its results, in a way that no compiler can leave out. */
export function runOnce(contender: Work, turn: number): void {
  const results = tf.tidy(() => [...contender.run(turn)]);
  do_not_optimize(results);
  tf.dispose(results);
}
