/**
 * How long trials take, roughly: for the estimate of what is left, and to keep presets in their time.
 *
 * @module
 */
import type { NormChoice } from "../../models/description.ts";
import { chosenNorm } from "../../models/norm_layer.ts";
import { normalizesKernels } from "../../norms/basics/norm.ts";
import type { StepCost } from "../backend/backend.ts";
import { backendNamed } from "../backend/registry.ts";
import type { Trial } from "./trial.ts";

/** Images that are judged in the time of a training step on one batch of 64. */
const JUDGED_PER_STEP = 250;

/** Milliseconds that a trial is expected to take on two cores. */
export function expectedMilliseconds(trial: Trial, backend: string): number {
  const { model: { architecture, norm }, data, batchSize, epochs } = trial;
  const cost = backendNamed(backend).stepCost[architecture];
  const steps = epochs * Math.floor(data.train / batchSize);
  const judged = epochs * data.validation + data.test;
  return steps * (cost.plain + addedBy(norm, cost)) + judged / JUDGED_PER_STEP * cost.plain;
}

function addedBy(choice: NormChoice, cost: StepCost): number {
  const chosen = chosenNorm(choice);
  if (chosen === undefined) return 0;
  const { norm, isCounterpart } = chosen;
  if (normalizesKernels(norm)) return cost.weightNorm;
  return cost.norm * (isCounterpart ? norm.counterpart!.cost : 1);
}
