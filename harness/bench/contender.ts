/**
 * Contenders: what is timed, one beside the other.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { do_not_optimize } from "./mitata.ts";
import type { ContenderRole, FailedTiming } from "./record.ts";

/** What tells a contender from the others. */
export interface Named {
  readonly name: string;
  readonly role: ContenderRole;
}

/** What a contender does. */
export interface Work {
  /** Does its work on the input whose turn it is; the caller disposes of what it returns. */
  run(turn: number): readonly Tensor[];
  /** Frees what it was built with. */
  dispose(): void;
}

/** Something that can be run again and again, with one input after the other. */
export interface Contender extends Named, Work {}

/** The contenders of a job on the active backend. */
export interface Field {
  readonly contenders: readonly Contender[];
  /** Those that could not be built. */
  readonly failed: readonly FailedTiming[];
  /** How many inputs rotate. */
  readonly inputs: number;
  /** Whether a cache can hold all inputs. */
  readonly cache: "hot" | "cold";
  /** Frees the contenders and the inputs. */
  dispose(): void;
}

/** Builds what can be built. */
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

/** The record of a contender that threw. */
export function failedTiming({ name, role }: Named, error: unknown): FailedTiming {
  return { name, role, error: error instanceof Error ? error.message : String(error) };
}

/** Runs a contender once and disposes of its results, in a way that no compiler can leave out. */
export function runOnce(contender: Work, turn: number): void {
  const results = tf.tidy(() => [...contender.run(turn)]);
  do_not_optimize(results);
  tf.dispose(results);
}
