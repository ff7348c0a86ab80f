import { MLP } from "../../../models/networks.ts";
import type { ModelDescription } from "../../../models/description.ts";
import { classifierLoss, disposeSlope, Probe } from "../../../models/probe.ts";
import { breathe } from "../../../norms/basics/event_loop.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { mean, median } from "../../../reports/statistics.ts";
import type { Preset } from "../questions/question.ts";
import type { Measured, Mechanism, MechanismContext } from "./mechanism.ts";
import { Batches, buildNetwork, normArms } from "./networks.ts";

const NETWORK: ModelDescription = { ...MLP, hidden: [100, 100, 100, 100, 100, 100] };

/** Exponents of 2 between which the rate is looked for. */
const [LOWEST, HIGHEST] = [-8, 8];

function settings(preset: Preset) {
  return {
    steps: { quick: 40, standard: 200, full: 1000 }[preset],
    halvings: { quick: 5, standard: 7, full: 8 }[preset],
    batchSize: 128,
  };
}

type RunSettings = ReturnType<typeof settings>;

/** The largest rate at which the loss ends below where it started, and how the first gradient is spread. */
async function measure(
  model: ModelDescription,
  { settings, images, seed, onProgress }: MechanismContext<RunSettings>,
): Promise<Measured> {
  const { steps, halvings, batchSize } = settings;
  const batches = new Batches(images);
  const network = buildNetwork(model, { images, seed });
  const probe = new Probe(classifierLoss(network));
  try {
    const sample = batches.draw(seed, 0, batchSize);
    const tails = await tailsOf(probe, sample);
    tf.dispose([...sample]);
    let [stable, unstable] = [LOWEST, HIGHEST];
    const tried: { rate: number; loss: number }[] = [];
    for (let i = 0; i < halvings; i++) {
      const exponent = (stable + unstable) / 2;
      const losses = await trained(probe, batches, 2 ** exponent, { steps, seed, batchSize });
      const last = mean(losses.slice(-Math.ceil(steps / 10)));
      const isStable = losses.length === steps && last < losses[0]!;
      [stable, unstable] = isStable ? [exponent, unstable] : [stable, exponent];
      tried.push({ rate: 2 ** exponent, loss: isStable ? last : NaN });
      onProgress((i + 1) / halvings);
    }
    const found = tried.filter(({ loss }) => Number.isFinite(loss)).sort((a, b) => a.rate - b.rate);
    return {
      values: {
        largestRate: 2 ** stable,
        ...tails,
        // Of the rates that bisection came by, among which the best need not be.
        leastLoss: Math.min(...found.map(({ loss }) => loss)),
      },
      series: { loss: { x: found.map(({ rate }) => rate), y: found.map(({ loss }) => loss) } },
    };
  } finally {
    probe.dispose();
    network.dispose();
  }
}

/** The losses of a run from the first weights on, up to the first that is not finite. */
function trained(
  probe: Probe,
  batches: Batches,
  rate: number,
  { steps, seed, batchSize }: { steps: number; seed: number; batchSize: number },
): Promise<number[]> {
  return probe.quietly(async () => {
    const losses: number[] = [];
    while (losses.length < steps) {
      const batch = batches.draw(seed, losses.length, batchSize);
      const slope = probe.slope(...batch);
      probe.descend(slope.gradients, rate);
      const loss = (await slope.loss.data())[0]!;
      disposeSlope(slope);
      tf.dispose([...batch]);
      await breathe();
      if (!Number.isFinite(loss)) break;
      losses.push(loss);
    }
    return losses;
  });
}

/** How heavy the tails of the first gradient are, over all its elements. */
async function tailsOf(probe: Probe, sample: readonly tf.Tensor[]) {
  const slope = probe.slope(...sample);
  const gradients = await Promise.all(slope.gradients.map((each) => each.data<"float32">()));
  disposeSlope(slope);
  const elements = gradients.flatMap((values) => [...values]);
  const square = mean(elements.map((value) => value ** 2));
  const magnitudes = elements.map(Math.abs);
  return {
    kurtosis: mean(elements.map((value) => value ** 4)) / square ** 2,
    largestToMedian: magnitudes.reduce((a, b) => Math.max(a, b)) / median(magnitudes),
  };
}

export const LEARNING_RATES: Mechanism<RunSettings> = {
  name: "learning-rates",
  title: "Does a norm allow for larger learning rates?",
  question:
    "Bjorck et al. find that batch norm helps by the rates that it allows for: without it, gradients have heavy tails at the start, and large steps end in divergence.",
  method:
    "An MLP of six hidden layers of 100 with ReLU, by stochastic gradient descent. The largest stable rate is found by bisection between 2^-8 and 2^8, always from the same weights and over the same batches: a rate is stable if the loss stays finite and ends, over the last tenth of the steps, below the first one. The tails are the kurtosis of all elements of the first gradient; it is 3 for a normal distribution.",
  settings,
  arms: normArms(["none", "batch", "layer", "weight"], NETWORK, measure),
  claims: [
    {
      says: "With batch norm the largest stable learning rate is larger.",
      source: "Bjorck et al. 2018, section 3; Ioffe & Szegedy 2015, section 4.2",
      published: "rates 5 to 30 times as large",
      value: "largestRate",
      arm: "batch",
      base: "none",
      byRatio: true,
      expects: "higher",
      least: 2,
    },
    {
      says: "Without batch norm the first gradients have heavier tails.",
      source: "Bjorck et al. 2018, section 4 and figure 4",
      published: "heavy tails without, light ones with batch norm",
      value: "kurtosis",
      arm: "batch",
      base: "none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
  ],
  figures: [
    {
      series: "loss",
      title: "Training loss at the stable rates that bisection came by",
      x: "learning rate",
      y: "loss (nats)",
      isLog: true,
      isLogX: true,
    },
  ],
  limits: [
    "Stable over the steps of the preset is not stable for ever.",
    "The paper trains a ResNet of 110 layers; a shallow MLP has tamer gradients.",
  ],
};
