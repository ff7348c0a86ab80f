import { standardNormal, uniformStream } from "../../../norms/basics/random.ts";
import { breathe } from "../../../norms/basics/event_loop.ts";
import { rmsNormalization } from "../../../norms/mod.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { mean } from "../../../reports/statistics.ts";
import { normColour } from "../report/labels.ts";
import type { Preset } from "../questions/question.ts";
import type { Measured, Mechanism, MechanismArm, MechanismContext } from "./mechanism.ts";

const WIDTHS = [32, 64, 128, 256, 512];

/** Depths over which the gap of a width is averaged: it has settled by then. */
const SETTLED = 10;

function settings(preset: Preset) {
  return { samples: 8, depth: 50, networks: { quick: 2, standard: 10, full: 40 }[preset] };
}

type RunSettings = ReturnType<typeof settings>;

/** ||H H^T / ||H||^2 - I / n||, of n samples in rows: 0 where they are orthogonal and equally long. */
function orthogonalityGap(h: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const gram = tf.matMul(h, h, false, true);
    const scaled = tf.div(gram, tf.sum(tf.square(h)));
    return tf.norm(tf.sub(scaled, tf.div(tf.eye(h.shape[0]), h.shape[0]))) as tf.Scalar;
  });
}

/** The gap after every layer of a random linear network. */
async function gapsOf(
  width: number,
  { samples, depth }: RunSettings,
  isNormalized: boolean,
  stream: string,
): Promise<number[]> {
  const gaps = tf.tidy(() => {
    const draw = (rows: number, columns: number, name: string) =>
      tf.tensor2d(
        Float32Array.from(standardNormal(rows * columns, uniformStream(`${stream}/${name}`))),
        [rows, columns],
      );
    // Samples that have much in common, as those of a real data set.
    let h = tf.add(draw(samples, width, "x"), draw(1, width, "common")) as tf.Tensor2D;
    return tf.stack(Array.from({ length: depth }, (_, layer) => {
      const product = tf.matMul(h, draw(width, width, `W${layer}`));
      h = isNormalized
        ? rmsNormalization(product, { axis: [0], epsilon: 0 }) as tf.Tensor2D
        : tf.div(product, tf.norm(product));
      return orthogonalityGap(h);
    }));
  });
  const values = [...await gaps.data<"float32">()];
  gaps.dispose();
  return values;
}

function arm(name: string, isNormalized: boolean): MechanismArm<RunSettings> {
  return {
    name,
    colour: normColour(isNormalized ? "batch" : "none"),
    async measure(
      { settings, seed, onProgress }: MechanismContext<RunSettings>,
    ): Promise<Measured> {
      const { networks } = settings;
      const byWidth: number[][] = [];
      for (const [index, width] of WIDTHS.entries()) {
        const all: number[][] = [];
        for (let number = 0; number < networks; number++) {
          const stream = `${seed}/orthogonality/${width}/${number}`;
          all.push(await gapsOf(width, settings, isNormalized, stream));
          await breathe();
          onProgress((index + (number + 1) / networks) / WIDTHS.length);
        }
        byWidth.push(all[0]!.map((_, layer) => mean(all.map((gaps) => gaps[layer]!))));
      }
      const settled = byWidth.map((gaps) => mean(gaps.slice(-SETTLED)));
      const widest = byWidth.at(-1)!;
      return {
        values: {
          slope: slopeOf(WIDTHS.map(Math.log), settled.map(Math.log)),
          gap: settled.at(-1)!,
        },
        series: {
          gap: { x: widest.map((_, layer) => layer + 1), y: widest },
          settled: { x: WIDTHS, y: settled },
        },
      };
    },
  };
}

/** The slope of the line of least squares. */
function slopeOf(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const product = x.reduce((sum, each, i) => sum + (each - mx) * (y[i]! - my), 0);
  return product / x.reduce((sum, each) => sum + (each - mx) ** 2, 0);
}

const SOURCE = "Daneshmand et al. 2021, theorem 1 and figure 2";

export const ORTHOGONALITY: Mechanism<RunSettings> = {
  name: "orthogonality",
  title: "Does batch norm make the samples of a batch orthogonal with depth?",
  question:
    "Daneshmand et al. show that in a deep random network with batch norm the representations of different samples become orthogonal with depth, up to a gap that falls with the width, while without it they align.",
  method:
    "Forward passes through random linear networks of 50 layers, weights normal, 8 samples that have a part in common. Batch norm is the paper's, without centring: RMS norm over the samples. The gap is ||H H^T / ||H||^2 - I / n||, 0 where the samples are orthogonal and equally long. The slope is that of its logarithm, averaged over the last 10 layers, against the logarithm of the width, from 32 to 512.",
  settings,
  arms: [arm("none", false), arm("batch", true)],
  claims: [
    {
      says: "With batch norm the samples end closer to orthogonal than without.",
      source: SOURCE,
      published: "a gap that falls with depth, against samples that align",
      value: "gap",
      arm: "batch",
      base: "none",
      byRatio: true,
      expects: "lower",
      least: 1.2,
    },
    {
      says: "The gap that is left falls with the square root of the width.",
      source: SOURCE,
      published: "a slope of -0.46, at most -0.5 by the theorem",
      value: "slope",
      arm: "batch",
      target: -0.5,
      expects: "equal",
      least: 0.1,
    },
  ],
  figures: [
    {
      series: "gap",
      title: "Orthogonality gap by depth, at width 512",
      x: "layer",
      y: "gap",
      isLog: true,
    },
    {
      series: "settled",
      title: "Orthogonality gap of the last 10 of 50 layers by width",
      x: "width",
      y: "gap",
      isLog: true,
      isLogX: true,
    },
  ],
  limits: ["Linear networks before training, as in the theorem."],
};
