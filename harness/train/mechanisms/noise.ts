import { MLP } from "../../../models/networks.ts";
import type { ModelDescription } from "../../../models/description.ts";
import { classifierLoss } from "../../../models/probe.ts";
import { standardNormal, uniformStream } from "../../../norms/basics/random.ts";
import * as tf from "../../../norms/basics/tf.ts";
import type { Layer } from "../../../norms/basics/tensor.ts";
import { StockLayer } from "../../../norms/layers/stock.ts";
import { mean } from "../../../reports/statistics.ts";
import { normColour } from "../report/labels.ts";
import type { Preset } from "../questions/question.ts";
import { driftBetween, lookAtActivations, type Percentiles } from "./activations.ts";
import type { Measured, Mechanism, MechanismArm, MechanismContext } from "./mechanism.ts";
import { Batches, buildNetwork, observe } from "./networks.ts";

const NETWORK: ModelDescription = { ...MLP, hidden: [100, 100, 100, 100, 100, 100] };

function settings(preset: Preset) {
  const steps = { quick: 160, standard: 1600, full: 6000 }[preset];
  return { steps, every: steps / 20, batchSize: 128, learningRate: 0.1 };
}

type RunSettings = ReturnType<typeof settings>;

/**
 * Noise after a norm: a <- s a + m, drawn anew for every step, layer, sample and unit.
 *
 *     mu ~ U(-0.5, 0.5), sigma ~ U(1, 1.25), m ~ U(mu - 0.1, mu + 0.1), s ~ N(sigma, 0.1)
 *
 * mu and sigma are those of a step and a unit's layer. Santurkar et al. 2018, section 2.1.
 */
export class Noise extends StockLayer {
  static className = "Noise";
  readonly #scale: tf.Variable;
  readonly #shift: tf.Variable;
  readonly #shape: readonly [number, number];

  constructor(batch: number, units: number, readonly place: number) {
    super({});
    this.#shape = [batch, units];
    const variable = (make: () => tf.Tensor) => tf.tidy(() => tf.variable(make(), false));
    this.#scale = variable(() => tf.ones([batch, units]));
    this.#shift = variable(() => tf.zeros([batch, units]));
  }

  /** Draws the noise of a step. */
  draw(seed: number, step: number): void {
    const uniform = uniformStream(`${seed}/noise/${this.place}/${step}`);
    const count = this.#shape[0] * this.#shape[1];
    const mu = uniform() - 0.5;
    const sigma = 1 + uniform() / 4;
    const scale = Float32Array.from(standardNormal(count, uniform), (z) => sigma + 0.1 * z);
    const shift = Float32Array.from({ length: count }, () => mu + 0.2 * uniform() - 0.1);
    tf.tidy(() => {
      this.#scale.assign(tf.tensor(scale, [...this.#shape]));
      this.#shift.assign(tf.tensor(shift, [...this.#shape]));
    });
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tf.tidy(() => tf.add(tf.mul(x, this.#scale), this.#shift));
  }

  /** Frees the noise; the network's own `dispose` frees weights alone. */
  free(): void {
    tf.dispose([this.#scale, this.#shift]);
  }
}

function arm(norm: "none" | "batch", isNoisy: boolean): MechanismArm<RunSettings> {
  return {
    name: isNoisy ? `${norm}, noisy` : norm,
    colour: normColour(norm),
    isDashed: isNoisy,
    measure: (context) => measure({ ...NETWORK, norm }, isNoisy, context),
  };
}

async function measure(
  model: ModelDescription,
  isNoisy: boolean,
  context: MechanismContext<RunSettings>,
): Promise<Measured> {
  const run = context.settings;
  const { seed } = context;
  const batches = new Batches(context.images);
  const noises: Noise[] = [];
  const makeNoise = (sample: readonly number[]): Layer => {
    noises.push(new Noise(run.batchSize, sample[0]!, noises.length));
    return noises.at(-1)!;
  };
  const network = buildNetwork(model, context, isNoisy ? makeNoise : undefined);
  const sample = batches.first(run.batchSize);
  let before: readonly (readonly Percentiles[])[] | undefined;
  try {
    return await observe(
      classifierLoss(network),
      (step) => {
        noises.forEach((noise) => noise.draw(seed, step));
        return batches.draw(seed, step, run.batchSize);
      },
      run,
      (probe) =>
        probe.quietly(async () => {
          const { layers } = await lookAtActivations(network, sample);
          const drift = mean(
            layers.map((layer, i) => before ? driftBetween(before[i]!, layer) : 0),
          );
          before = layers;
          return { drift };
        }),
      context.onProgress,
    );
  } finally {
    noises.forEach((noise) => noise.free());
    tf.dispose([...sample]);
    network.dispose();
  }
}

const SOURCE = "Santurkar et al. 2018, section 2.1 and figure 2";

export const NOISE: Mechanism<RunSettings> = {
  name: "noise",
  title: "Does batch norm help because distributions stay in place?",
  question:
    "Santurkar et al. add noise after batch norm, so that what reaches a layer is unstable again, and find that training does as well as before.",
  method:
    "After every norm, or in its place, each activation becomes s a + m. For every step and layer mu is drawn from U(-0.5, 0.5) and sigma from U(1, 1.25); then m from U(mu - 0.1, mu + 0.1) and s from N(sigma, 0.1) for each sample and unit. An MLP of six hidden layers of 100 with ReLU, in place of VGG, by stochastic gradient descent. Drift is how far the percentiles of a unit's input have moved since the last look, in units of the distance from the 15th to the 85th.",
  settings,
  arms: (["none", "batch"] as const).flatMap((norm) => [arm(norm, false), arm(norm, true)]),
  claims: [
    {
      says: "Batch norm with noise after it trains better than no norm.",
      source: SOURCE,
      published: "much better than the plain network, and close to batch norm",
      value: "loss",
      arm: "batch, noisy",
      base: "none",
      byRatio: true,
      expects: "lower",
      least: 1.1,
    },
    {
      says: "Its distributions are less stable than those of the network without a norm.",
      source: SOURCE,
      published: "less stable than those of the plain network",
      value: "drift",
      arm: "batch, noisy",
      base: "none",
      byRatio: true,
      expects: "higher",
      least: 1.2,
    },
    {
      says: "The same noise keeps the network without a norm from training.",
      source: SOURCE,
      published: "it does not train at all",
      value: "loss",
      arm: "none, noisy",
      base: "none",
      byRatio: true,
      expects: "higher",
      least: 1.1,
    },
  ],
  figures: [
    {
      series: "loss",
      title: "Training loss, by step",
      x: "training step",
      y: "loss (nats)",
      isLog: true,
    },
    {
      series: "drift",
      title: "Drift of all units since the last look",
      x: "training step",
      y: "drift",
      isLog: true,
    },
  ],
  limits: ["An MLP in place of VGG, and fewer steps than the paper's 15,000."],
};
