import { implementationsOf } from "../norms/frames/apply.ts";
import { type NetworkSettings, type Norm, normalizesKernels } from "../norms/basics/norm.ts";
import { layerOf } from "../norms/layers/norm_layer.ts";
import { NORMS } from "../norms/registry.ts";
import type { NormOptions } from "../norms/basics/options.ts";
import type { Shape } from "../norms/basics/shape.ts";
import type { Layer } from "../norms/basics/tensor.ts";
import type { Engine } from "./compile.ts";
import type { NormChoice } from "./description.ts";

/** Settings that all norms of a network share. */
export interface NormSettings extends NetworkSettings {
  /** An implementation of the norm; left out: `fused` where the active backend has it, else its first. */
  readonly implementation?: string;
  /** What runs the steps of the network; default `graph`. Own kernels have no form in XLA. */
  readonly engine?: Engine;
  /** Makes a layer that follows every norm, or stands in its place where there is none. */
  readonly then?: (sample: Shape) => Layer;
}

/**
 * The defaults of networks for every norm, so that trials differ in the norm alone.
 *
 * A momentum of 0.99, the default of `tf.layers`, still holds 5 % of the zeros and ones that the
 * statistics start from after 300 steps; with 0.9 they are gone after 50. Epsilon is PyTorch's, and
 * that of most course material.
 */
export const NORM_SETTINGS: NormSettings = { epsilon: 1e-5, momentum: 0.9 };

interface Chosen {
  readonly norm: Norm;
  readonly isCounterpart: boolean;
  /** Options of a variant. */
  readonly options?: NormOptions;
}

const CHOSEN: ReadonlyMap<string, Chosen | undefined> = new Map<string, Chosen | undefined>([
  ["none", undefined],
  ...NORMS.map((norm) => [norm.name, { norm, isCounterpart: false }] as const),
  ...NORMS.filter(({ counterpart }) => counterpart !== undefined)
    .map((norm) => [counterpartOf(norm), { norm, isCounterpart: true }] as const),
  ...NORMS.flatMap((norm) =>
    Object.entries(norm.variants ?? {}).map(([variant, options]) =>
      [`${norm.name}-${variant}`, { norm, isCounterpart: false, options }] as const
    )
  ),
]);

/** Every norm that a network can have, by its name in descriptions. */
export const NORM_CHOICES: readonly NormChoice[] = [...CHOSEN.keys()] as NormChoice[];

export function counterpartOf({ name }: Norm): NormChoice {
  return `tf-${name}` as NormChoice;
}

/**
 * The norm that a choice stands for, or undefined for `none`.
 *
 * @throws {RangeError} if there is no such choice.
 */
export function chosenNorm(choice: NormChoice): Chosen | undefined {
  if (CHOSEN.has(choice)) return CHOSEN.get(choice);
  throw new RangeError(
    `networks have no norm "${choice}": choose one of ${NORM_CHOICES.join(", ")}`,
  );
}

/**
 * The layer that normalizes `sample`s, or undefined where there is no norm or it works on kernels.
 *
 * @param sample Shape of what reaches the layer, without the batch.
 * @throws {RangeError} if there is no such norm, or it does not fit the shape or the settings.
 */
export function normLayer(
  choice: NormChoice,
  sample: Shape,
  settings: NormSettings = NORM_SETTINGS,
): Layer | undefined {
  const chosen = chosenNorm(choice);
  if (chosen === undefined || normalizesKernels(chosen.norm)) return undefined;
  const { norm, isCounterpart } = chosen;
  const shape = [1, ...sample];
  const options = { ...norm.networkOptions(shape, settings), ...chosen.options };
  return isCounterpart
    ? norm.counterpart!(options, shape)
    : layerOf(norm, { ...options, implementation: implementationFor(norm, settings) });
}

/**
 * The dense layer or the convolution whose kernel a norm works on, or undefined where it works on data.
 *
 * @param kernel [inputs, units] or [height, width, channels, filters].
 * @param operation What else the layer takes, such as `padding`.
 * @throws {RangeError} if there is no such norm, or it does not fit the shape or the settings.
 */
export function kernelLayer(
  choice: NormChoice,
  kernel: Shape,
  operation: Readonly<Record<string, unknown>>,
  settings: NormSettings = NORM_SETTINGS,
): Layer | undefined {
  const norm = chosenNorm(choice)?.norm;
  if (norm === undefined || !normalizesKernels(norm)) return undefined;
  const options = norm.networkOptions(kernel, settings);
  const implementation = implementationFor(norm, settings);
  return layerOf(norm, { ...options, ...operation, implementation });
}

/** Which implementation of a norm a network takes on the active backend. */
export function implementationFor(norm: Norm, { implementation, engine }: NormSettings): string {
  if (implementation !== undefined) return implementation;
  const available = Object.keys(implementationsOf(norm));
  const preferred = engine === "xla" ? "analytic" : "fused";
  return available.includes(preferred) ? preferred : available[0]!;
}

/** Whether the norm adds its own beta, which a bias right before it would only repeat. */
export function hasBeta(choice: NormChoice): boolean {
  return chosenNorm(choice)?.norm.inputNames.includes("beta") ?? false;
}
