/**
 * Contenders: what is timed, one beside the other.
 *
 * @module
 */
import { messageOf } from "../../norms/basics/errors.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { do_not_optimize } from "./mitata.ts";
import type { Ring } from "./inputs.ts";
import type { ContenderRole, FailedTiming } from "./record.ts";

export interface Named {
  readonly name: string;
  readonly role: ContenderRole;
}

export interface Work {
  /**
   * Does its work on the input whose turn it is, and reads what its field says is read. The caller
   * disposes of what it returns.
   */
  run(turn: number): readonly Tensor[] | Promise<readonly Tensor[]>;
  /** How it runs, where it can run in several ways; may be decided in the first runs. */
  mode?(): string;
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
  /** What every contender reads back in each run; nothing unless given. */
  readonly reads?: string;
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

/** The field of what was built, with inputs that rotate and other tensors that it disposes of. */
export function assemble(
  built: ReturnType<typeof buildAll>,
  ring: Ring,
  others: readonly Tensor[],
): Field {
  return {
    ...built,
    inputs: ring.tensors.length,
    cache: ring.cache,
    dispose: () => {
      built.contenders.forEach((contender) => contender.dispose());
      ring.dispose();
      tf.dispose([...others]);
    },
  };
}

/** Runs a contender once and disposes of its results, in a way that no compiler can leave out. */
export function runOnce(contender: Work, turn: number): void | Promise<void> {
  const results = contender.run(turn);
  return results instanceof Promise ? results.then(drop) : drop(results);
}

function drop(results: readonly Tensor[]): void {
  do_not_optimize(results);
  tf.dispose([...results]);
}
