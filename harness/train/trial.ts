/**
 * A trial as the program holds it.
 *
 * @module
 */
import type { ModelDescription } from "../../models/description.ts";
import type { OptimizerOptions } from "../../models/optimizer.ts";
import type { TrialDescription } from "./record.ts";

/** A trial's description, whose network and optimizer are known to exist. */
export interface Trial extends TrialDescription {
  readonly model: ModelDescription;
  readonly optimizer: OptimizerOptions;
}
