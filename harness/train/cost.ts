/**
 * How long trials take, roughly: for the estimate of what is left, and to keep presets in their time.
 *
 * @module
 */
import type { Architecture, NormChoice } from "../../models/description.ts";
import { chosenNorm } from "../../models/norm_layer.ts";
import { normalizesKernels } from "../../norms/basics/norm.ts";
import type { Trial } from "./trial.ts";

/**
 * Milliseconds of a step at batch 64 on two cores: plain, what a norm after each layer adds, and what
 * normalized weights add. Medians of TensorFlow 2.21 and of wasm, rounded.
 */
interface StepCost {
  readonly plain: number;
  readonly norm: number;
  readonly weightNorm: number;
}

const STEP: Readonly<Record<"tensorflow" | "wasm", Readonly<Record<Architecture, StepCost>>>> = {
  tensorflow: {
    mlp: { plain: 3, norm: 1, weightNorm: 1.5 },
    cnn: { plain: 8, norm: 3, weightNorm: 1.5 },
    "fully-connected": { plain: 5, norm: 2, weightNorm: 2 },
  },
  wasm: {
    mlp: { plain: 7, norm: 2, weightNorm: 2 },
    cnn: { plain: 70, norm: 40, weightNorm: 0 },
    "fully-connected": { plain: 3, norm: 5, weightNorm: 3 },
  },
};

/** Images that are judged in the time of a training step on one batch of 64. */
const JUDGED_PER_STEP = 250;

/** Milliseconds that a trial is expected to take on two cores; for other backends than these, a guess. */
export function expectedMilliseconds(trial: Trial, backend: string): number {
  const { model: { architecture, norm }, data, batchSize, epochs } = trial;
  const cost = STEP[backend === "wasm" ? "wasm" : "tensorflow"][architecture];
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
