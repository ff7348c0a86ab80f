import { COVARIATE_SHIFT } from "./covariate_shift.ts";
import { LANDSCAPE } from "./landscape.ts";
import { LEARNING_RATES } from "./learning_rates.ts";
import type { Mechanism } from "./mechanism.ts";
import { NOISE } from "./noise.ts";
import { ORTHOGONALITY } from "./orthogonality.ts";
import { PERCENTILES } from "./percentiles.ts";
import { SCALE } from "./scale.ts";

/** Every mechanism, in the order of the report. */
export const MECHANISMS: readonly Mechanism[] = [
  PERCENTILES,
  NOISE,
  COVARIATE_SHIFT,
  LANDSCAPE,
  SCALE,
  ORTHOGONALITY,
  LEARNING_RATES,
];
