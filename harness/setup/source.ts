/**
 * What a source of libtensorflow is asked for, and what it answers.
 *
 * @module
 */
import type { SetupContext } from "./context.ts";

/** What a source has put in place, the binding included. */
export interface Acquired {
  /** Where the libraries came from, in words for people. */
  readonly origin: string;
  /** The libraries, relative to the folder that is being built unless they lie elsewhere. */
  readonly files: readonly string[];
}

/**
 * Puts the libraries into the folder `dir`, and the binding into the copy of the package in it.
 *
 * @throws {MissingError} Where this machine or the network cannot provide them.
 */
export type AcquireFrom = (
  dir: string,
  gpu: boolean,
  context: SetupContext,
) => Promise<Acquired>;
