/**
 * The notebook's answers as claims that training can contradict: each has its measure, a value for each seed,
 * and the region in which it holds.
 *
 * @module
 */
import { count, formatNumber } from "../../../reports/format.ts";
import { mean, summarize } from "../../../reports/statistics.ts";
import { type Table, table } from "../../../reports/table.ts";
import type { StudyRunRecord, Training } from "../record.ts";
import { BATCH_SIZES, QUESTION_4, QUESTION_4_VALUES, SCALES } from "../studies.ts";

/** How a claim fares: its 95 % interval lies inside its region, outside, or on the edge. */
export type ClaimVerdict = "supported" | "contradicted" | "undecided";

/** A statement of the notebook that numbers can contradict. */
export interface Claim {
  /** What the notebook says. */
  readonly says: string;
  /** What is measured. */
  readonly measure: string;
  /** One for each seed. */
  readonly values: readonly number[];
  /** Where the mean must lie. */
  readonly region: readonly [low: number, high: number];
  /** How a number is written, and its unit. */
  readonly as: { readonly text: (value: number) => string; readonly unit: string };
}

/** The verdict on a claim; one seed alone decides nothing. */
export function judgeClaim({ values, region: [low, high] }: Claim): ClaimVerdict {
  const interval = summarize(values)?.interval;
  if (!interval || interval.some(Number.isNaN)) return "undecided";
  if (interval[0] >= low && interval[1] <= high) return "supported";
  return interval[1] < low || interval[0] > high ? "contradicted" : "undecided";
}

/** Claims, their numbers and verdicts. */
export function claimsTable(claims: readonly Claim[]): Table {
  return table(
    ["the notebook says", "measured", "seeds#", "mean#", "95 % interval#", "it holds", "verdict"],
    claims.filter(({ values }) => values.length > 0).map((claim) => {
      const { says, measure, values, region: [low, high], as: { text, unit } } = claim;
      const interval = summarize(values)!.interval;
      const holds = low === -Infinity
        ? `up to ${text(high)}`
        : high === Infinity
        ? `from ${text(low)}`
        : `${text(low)} to ${text(high)}`;
      return [
        ...[says, measure, String(values.length), text(mean(values)) + unit],
        interval === null ? "" : interval.map(text).join(" to ") + unit,
        ...[holds + unit, judgeClaim(claim)],
      ];
    }),
  );
}

/** The verdicts on claims in one sentence. */
export function verdictWords(claims: readonly Claim[]): string {
  const verdicts = claims.filter(({ values }) => values.length > 0).map(judgeClaim);
  if (verdicts.length === 0) {
    return "Undecided: this run did not train the networks that decide it (see --preset and --seeds).";
  }
  const counts = (["supported", "contradicted", "undecided"] as const).flatMap((verdict) => {
    const number = verdicts.filter((each) => each === verdict).length;
    return number === 0 ? [] : [`${number} ${verdict}`];
  });
  return `Of ${count(verdicts.length, "claim")}: ${counts.join(", ")}.`;
}

/** A number that a run ends with. */
export type Measure = (run: StudyRunRecord) => number;

/** The measures of the notebook's panels. */
export const bestTraining: Measure = ({ accuracies }) =>
  Math.max(...accuracies.map(({ train }) => train));
/** The highest of the accuracies on the validation images. */
export const bestValidation: Measure = ({ accuracies }) =>
  Math.max(...accuracies.map(({ validation }) => validation));
/** The accuracy after the last epoch. */
export const lastTraining: Measure = ({ accuracies }) => accuracies.at(-1)?.train ?? NaN;
/** The same on the validation images. */
export const lastValidation: Measure = ({ accuracies }) => accuracies.at(-1)?.validation ?? NaN;

/** The runs whose training has these fields. */
export function runsWith(
  runs: readonly StudyRunRecord[],
  fields: Partial<Training>,
): StudyRunRecord[] {
  return runs.filter(({ training }) =>
    Object.entries(fields).every(([name, value]) => training[name as keyof Training] === value)
  );
}

/** The values of a measure by seed. */
function bySeed(
  runs: readonly StudyRunRecord[],
  fields: Partial<Training>,
  measure: Measure,
): Map<number, number> {
  return new Map(runsWith(runs, fields).map((run) => [run.seed, measure(run)]));
}

/** a - b for each seed that both have. */
function minus(
  a: ReadonlyMap<number, number>,
  b: ReadonlyMap<number, number>,
): Map<number, number> {
  return new Map(
    [...a].flatMap(([seed, value]) => b.has(seed) ? [[seed, value - b.get(seed)!] as const] : []),
  );
}

const POINTS: Claim["as"] = {
  text: (value) => `${value < 0 ? "-" : "+"}${(100 * Math.abs(value)).toFixed(1)}`,
  unit: " points",
};
const SHARE: Claim["as"] = { text: (value) => String(Math.round(100 * value)), unit: " %" };
const RATIO: Claim["as"] = { text: (value) => value.toFixed(2), unit: "" };
const POWER: Claim["as"] = { text: (value) => formatNumber(10 ** value, 2), unit: "" };

/** The least difference of accuracies worth telling. */
const WORTH_TELLING = 0.02;

/** The accuracy of guessing. */
const CHANCE = 0.1;

/** "About", in the notebook's answer: within a factor of two of a scale, a quarter of a ratio. */
const ABOUT_A_SCALE = Math.log10(2);
const ABOUT_TWICE = [1.5, 2.5] as const;

/** Scales that are a factor of 11 apart. */
const A_DECADE = 5;

/** What question 1 claims, of the runs of N8. */
export function scaleClaims(runs: readonly StudyRunRecord[]): Claim[] {
  const curves = (network: Training["network"]) =>
    [...Map.groupBy(runsWith(runs, { network }), ({ seed }) => seed).values()]
      .map((own) => own.toSorted((a, b) => scaleOf(a) - scaleOf(b)))
      // A curve over some of the scales has another best.
      .filter(({ length }) => length === SCALES.length);
  const bests = (network: Training["network"]) =>
    curves(network).map((curve) => ({ curve, best: indexOfBest(curve.map(bestValidation)) }));
  const fallOff = (
    [side, step]: readonly [string, number],
    [part, measure]: readonly [string, Measure],
  ): Claim => ({
    says: `the plain network falls off sharply at ${side} scales`,
    measure:
      `best ${part} accuracy above chance that is lost at a scale 11 times ${side}, or the last`,
    values: bests("plain").map(({ curve, best }) => {
      const accuracies = curve.map(measure);
      const away = Math.min(accuracies.length - 1, Math.max(0, best + step));
      return (accuracies[best]! - accuracies[away]!) / (accuracies[best]! - CHANCE);
    }),
    region: [0.5, Infinity],
    as: SHARE,
  });
  return [
    ...(["batch norm", "plain"] as const).flatMap((network): Claim[] => [
      {
        says: `the best scale is about 0.1, ${network}`,
        measure: "scale with the best validation accuracy",
        values: bests(network).map(({ best }) => Math.log10(SCALES[best]!)),
        region: [-1 - ABOUT_A_SCALE, -1 + ABOUT_A_SCALE],
        as: POWER,
      },
      {
        says: `training accuracy there is about twice the validation accuracy, ${network}`,
        measure: "ratio of the best of both at that scale",
        values: bests(network).map(({ curve, best }) =>
          bestTraining(curve[best]!) / bestValidation(curve[best]!)
        ),
        region: ABOUT_TWICE,
        as: RATIO,
      },
    ]),
    ...([["smaller", -A_DECADE], ["larger", A_DECADE]] as const).flatMap((side) => [
      fallOff(side, ["validation", bestValidation]),
      fallOff(side, ["training", bestTraining]),
    ]),
  ];
}

function scaleOf({ training }: StudyRunRecord): number {
  return Number(training.weightScale);
}

function indexOfBest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** What question 2 claims, of the runs of N9; the last is the assignment's expectation of layer norm. */
export function batchSizeClaims(runs: readonly StudyRunRecord[]): Claim[] {
  const [smallest, , largest] = BATCH_SIZES;
  const gain = (network: Training["network"], measure: Measure) =>
    minus(
      bySeed(runs, { network, batchSize: largest }, measure),
      bySeed(runs, { network, batchSize: smallest }, measure),
    );
  const size = (gains: ReadonlyMap<number, number>) =>
    new Map([...gains].map(([seed, gained]) => [seed, Math.abs(gained)]));
  const compared = `batch ${largest} against ${smallest}, after the last epoch`;
  return [
    {
      says: "larger batches raise the training accuracy dramatically",
      measure: `training accuracy with batch norm, ${compared}`,
      values: [...gain("batch norm", lastTraining).values()],
      region: [0.1, Infinity],
      as: POINTS,
    },
    {
      says: "they raise the validation accuracy hardly",
      measure: `validation accuracy with batch norm, ${compared}`,
      values: [...gain("batch norm", lastValidation).values()],
      region: [-0.05, 0.05],
      as: POINTS,
    },
    {
      says: "layer norm depends markedly less on the batch size",
      measure: `change of its training accuracy beside that of batch norm, ${compared}`,
      values: [
        ...minus(
          size(gain("layer norm", lastTraining)),
          size(gain("batch norm", lastTraining)),
        ).values(),
      ],
      region: [-Infinity, -WORTH_TELLING],
      as: POINTS,
    },
  ];
}

/** What question 4 claims, of the networks of N10. */
export function layerNormClaims(runs: readonly StudyRunRecord[]): Claim[] {
  const gain = (setting: Partial<Training>) => {
    const accuracy = (network: Training["network"]) =>
      bySeed(runs, { ...QUESTION_4, ...setting, network }, lastTraining);
    return minus(accuracy("layer norm"), accuracy("plain"));
  };
  const after = "training accuracy after the last epoch, layer norm against none";
  const badly = (
    says: string,
    where: string,
    usual: string,
    settings: readonly Partial<Training>[],
  ): Claim[] => {
    const [bad, good] = settings.map(gain);
    return [
      {
        says: `${says}: worse than no norm`,
        measure: `${after}, ${where}`,
        values: [...bad!.values()],
        region: [-Infinity, -WORTH_TELLING],
        as: POINTS,
      },
      {
        says: `${says}: it helps less`,
        measure: `the same, beside what it is ${usual}`,
        values: [...minus(bad!, good!).values()],
        region: [-Infinity, -WORTH_TELLING],
        as: POINTS,
      },
    ];
  };
  const { layers, units, l2 } = QUESTION_4_VALUES;
  return [
    ...badly("badly with few features", `${units.at(-1)} units`, `with ${units[0]}`, [
      { units: units.at(-1)! },
      { units: units[0] },
    ]),
    ...badly("badly under strong regularization", `L2 ${l2.at(-1)}`, "without L2", [
      { l2: l2.at(-1)! },
      { l2: l2[0] },
    ]),
    {
      says: "well in deep networks",
      measure: `${after}, ${layers.at(-1)} hidden layers`,
      values: [...gain({ layers: layers.at(-1)! }).values()],
      region: [WORTH_TELLING, Infinity],
      as: POINTS,
    },
  ];
}
