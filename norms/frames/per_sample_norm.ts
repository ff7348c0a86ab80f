/**
 * Makes the record of a norm that standardizes every sample by itself and keeps no state.
 *
 * @module
 */
import type { Arrangement } from "../basics/arrangement.ts";
import { onEachBackend } from "../fused/backends.ts";
import { fusedStandardization } from "../fused/fused.ts";
import { affineSpecs, dataSpec, type Implementation, type Norm } from "../basics/norm.ts";
import type { Shape } from "../basics/shape.ts";
import {
  analyticSimplified,
  composed,
  inView,
  type StandardizeArranged,
} from "../basics/standardization.ts";
import {
  checkEpsilon,
  DEFAULT_EPSILON,
  type Defaults,
  type StandardizationOptions,
  type StatisticsOptions,
} from "../basics/options.ts";
import {
  type NormWithStatistics,
  returnedStatistics,
  type ReturningStatistics,
} from "../basics/returned_statistics.ts";
import { applyFunction } from "./apply.ts";
import {
  type StandardizationSteps,
  standardizationTextbook,
  STEPS,
} from "../textbook/standardization.ts";
import { layerSubject } from "../basics/subject.ts";
import type { Layer, Tensor } from "../basics/tensor.ts";
import { standardizationBackward, standardizationForward } from "../oracle/standardization.ts";

export type AffineInput = "x" | "gamma" | "beta";

type PerSampleOptions = StandardizationOptions & StatisticsOptions;

/** The defaults that such norms have in common. */
export const PER_SAMPLE_DEFAULTS: Defaults<PerSampleOptions> = {
  training: false,
  epsilon: DEFAULT_EPSILON,
  scale: true,
  center: true,
  returnStatistics: false,
};

interface PerSampleDefinition<O extends PerSampleOptions, Name extends string> extends
  Pick<
    Norm<O, Name>,
    | "name"
    | "title"
    | "formula"
    | "source"
    | "defaults"
    | "layer"
    | "counterpart"
    | "networkOptions"
    | "colour"
  > {
  arrangement(shape: Shape, options: O): Arrangement;
  /** In which steps its textbook differs from that of layer norm over one axis. */
  readonly textbookSteps?: Partial<StandardizationSteps<O>>;
  /** The layer of `tf.layers` that computes the same, in versions that have one. */
  reference(options: O, shape: Shape): Layer;
}

export function perSampleNorm<O extends PerSampleOptions, Name extends string>(
  { arrangement, reference, textbookSteps, ...fields }: PerSampleDefinition<O, Name>,
): Norm<O, Name, AffineInput> {
  const implementation =
    (standardize: StandardizeArranged): Implementation<O> => (inputs, options) => {
      const { epsilon = DEFAULT_EPSILON } = options;
      const x = inputs["x"]!;
      const layout = arrangement(x.shape, options);
      const { y, ...statistics } = standardize(inputs, layout, epsilon);
      return { y, ...returnedStatistics(options, x, layout, statistics) };
    };
  return {
    ...fields,
    inputNames: ["x", "gamma", "beta"],
    normalized: "x",
    inputs(shape, options) {
      const { epsilon = DEFAULT_EPSILON } = options;
      checkEpsilon(epsilon);
      return [dataSpec(shape), ...affineSpecs(arrangement(shape, options), options)];
    },
    groups: (shape, options) => arrangement(shape, options),
    implementations: {
      composed: implementation(inView(composed)),
      analytic: implementation(inView(analyticSimplified)),
    },
    fused: onEachBackend((kernels) => implementation(fusedStandardization(kernels))),
    oracle: {
      forward: (inputs, options) => ({
        y: standardizationForward(
          inputs,
          arrangement(inputs["x"]!.shape, options),
          options.epsilon ?? DEFAULT_EPSILON,
        ).y,
      }),
      backward: (inputs, options, dy) =>
        standardizationBackward(
          inputs,
          arrangement(inputs["x"]!.shape, options),
          options.epsilon ?? DEFAULT_EPSILON,
          dy,
        ),
    },
    references: { "tf.layers": layerSubject(reference) },
    textbook: standardizationTextbook({ ...STEPS, layout: arrangement, ...textbookSteps }),
    traffic: { forward: 2, backward: 3 },
  };
}

/** What such a norm returns as a function: `y`, or an object where statistics are asked for. */
export type PerSampleResult<Asked extends boolean> = Asked extends true ? NormWithStatistics
  : Tensor;

/** Such a norm as a function. */
export function applyPerSample<O extends PerSampleOptions, Asked extends boolean>(
  norm: Norm<O>,
  x: Tensor,
  args: ReturningStatistics<Asked>,
): PerSampleResult<Asked> {
  const { y, ...statistics } = applyFunction(norm, x, args);
  return (args.returnStatistics ? { y, ...statistics } : y) as PerSampleResult<Asked>;
}
