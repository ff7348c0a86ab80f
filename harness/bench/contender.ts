/**
 * Contenders: what is timed, one beside the other.
 *
 * @module
 */
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { ContenderRole } from "./record.ts";
import { do_not_optimize } from "./mitata.ts";

/** Something that can be run again and again, with one input after the other. */
export interface Contender {
  readonly name: string;
  readonly role: ContenderRole;
  /** Does its work on the input whose turn it is; what it returns is the caller's. */
  run(turn: number): readonly Tensor[];
  /** Frees what it was built with. */
  dispose(): void;
}

/** Runs a contender once; its results count as used and are gone. */
export function runOnce(contender: Contender, turn: number): void {
  const results = tf.tidy(() => [...contender.run(turn)]);
  do_not_optimize(results);
  tf.dispose(results);
}
