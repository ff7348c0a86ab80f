/**
 * The suites.
 *
 * @module
 */
import { BATCH_SIZE_SUITE } from "./batch_size.ts";
import { LEARNING_RATE } from "./learning_rate.ts";
import { PLACEMENT } from "./placement.ts";
import type { Suite } from "./suite.ts";
import { WEIGHT_SCALE } from "./weight_scale.ts";
import { WITH_WITHOUT } from "./with_without.ts";

/** Every suite, in the order in which they run. */
export const SUITES: readonly Suite[] = [
  WITH_WITHOUT,
  PLACEMENT,
  BATCH_SIZE_SUITE,
  WEIGHT_SCALE,
  LEARNING_RATE,
];
