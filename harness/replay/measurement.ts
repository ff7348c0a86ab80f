/**
 * What an experiment finds out.
 *
 * @module
 */

/** The numbers of one printed line. */
export interface Measurement {
  /** What they are, in words; unique within an experiment. */
  readonly figure: string;
  readonly values: readonly number[];
}
