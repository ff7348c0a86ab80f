/**
 * Trials of reliability: what is done to Normbench, how often, and what must survive.
 *
 * A trial is tried a few times by its test, and many times by `deno task reliability`, which keeps what it
 * found for docs/reliability.md.
 *
 * @module
 */

import type { BackendName } from "../backend/registry.ts";

/** What came of a trial. */
export interface Outcome {
  /** A line for every time that something was lost. */
  readonly lost: readonly string[];
  /** A figure worth telling, such as `the slowest stop took 0.4 s`. */
  readonly found?: string;
}

export interface Trial {
  /** Its name on the command line. */
  readonly name: string;
  /** What is tried and what must hold, in one sentence without its full stop. */
  readonly about: string;
  /** The backend without which it cannot be tried. */
  readonly backend?: BackendName;
  /** How often its test tries it; 0: only the task does. */
  readonly quick: number;
  /** How often the task tries it. */
  readonly full: number;
  /** Tries it so often; random choices follow from the seed. */
  run(times: number, seed: number): Promise<Outcome>;
}
