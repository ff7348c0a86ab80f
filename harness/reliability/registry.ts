/** The trials, in the order of docs/reliability.md. */
import type { Trial } from "./trial.ts";

export const TRIALS: readonly Trial[] = [];
