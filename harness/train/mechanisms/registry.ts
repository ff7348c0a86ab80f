import { COVARIATE_SHIFT } from "./covariate_shift.ts";
import { LANDSCAPE } from "./landscape.ts";
import type { Mechanism } from "./mechanism.ts";
import { NOISE } from "./noise.ts";
import { PERCENTILES } from "./percentiles.ts";

/** Every mechanism, in the order of the report. */
export const MECHANISMS: readonly Mechanism[] = [PERCENTILES, NOISE, COVARIATE_SHIFT, LANDSCAPE];
