/** The trials, in the order of docs/reliability.md. */
import { CALLS } from "./calls.ts";
import { DISKS } from "./disks.ts";
import { LIBRARY } from "./library.ts";
import { STRANGERS } from "./strangers.ts";
import { KILLS } from "./kills.ts";
import { REPEATS } from "./repeats.ts";
import { STOPS } from "./stops.ts";
import type { Trial } from "./trial.ts";

export const TRIALS: readonly Trial[] = [
  ...[...KILLS, ...STOPS, ...DISKS, ...REPEATS],
  ...[...STRANGERS, ...CALLS, ...LIBRARY],
];
