/** How arms and panels are called and drawn, from what sets each apart from its neighbours. */
import { type Norm, normalizesKernels } from "../../../norms/basics/norm.ts";
import { NORMS } from "../../../norms/registry.ts";
import { SEQUENCE, WITHOUT_NORM_COLOUR } from "../../../reports/palette.ts";
import type { TrialDescription } from "../record.ts";
import type { Arm } from "./panel.ts";
import { settingsOf } from "../settings.ts";

type Part<D> = (description: D) => string;

/** What the names of norms of `tf.layers` begin with. */
const STOCK = /^tf-/;

function normOf(name: string): Norm | undefined {
  return NORMS.find((norm) => norm.name === name.replace(STOCK, ""));
}

/** How a norm of kernels starts: from the statistics of the first batch, or as the plain network. */
function startOf({ model }: TrialDescription): "data" | "plain" | null {
  const norm = normOf(model.norm);
  if (norm === undefined || !normalizesKernels(norm)) return null;
  return model.dataDependentInitialization ? "data" : "plain";
}

/** The norm of an arm; of one that normalizes kernels, also how it starts. */
export function normLabel(description: TrialDescription): string {
  const start = startOf(description);
  const { norm } = description.model;
  return start === null ? norm : `${norm} (${start} start)`;
}

export function placementLabel({ model }: TrialDescription): string {
  return model.norm === "none" ? "" : model.placement;
}

const ARM_PARTS: readonly Part<TrialDescription>[] = [
  normLabel,
  placementLabel,
  ({ batchSize }) => `batch size ${batchSize}`,
  ({ model }) => `scale ${formatSetting(model.weightScale)}`,
  ({ optimizer }) => `rate ${formatSetting(optimizer.learningRate)}`,
];

/** A name for each arm of a panel; the arm's own if the descriptions do not distinguish two. */
export function armLabels(descriptions: readonly TrialDescription[]): string[] {
  const labels = distinguish(descriptions, ARM_PARTS);
  return labels.map((label, index) =>
    labels.indexOf(label) === labels.lastIndexOf(label) ? label : descriptions[index]!.arm
  );
}

interface PanelDescription {
  readonly description: TrialDescription;
  readonly site: string;
}

const PANEL_PARTS: readonly Part<PanelDescription>[] = [
  ({ description: { model } }) => inWords(model.architecture),
  ({ description: { model } }) => model.activation,
  ({ description: { model } }) => model.hidden.join("-"),
  ({ description: { optimizer } }) => inWords(optimizer.name),
  ({ description: { model } }) => `L2 ${model.l2}`,
  ({ description: { data } }) => data.name,
  ({ description: { data } }) => `${data.train} images`,
  ({ description: { epochs } }) => `${epochs} epochs`,
  ({ site }) => site,
];

/**
 * A name for each panel of a question; any setting distinguishes two that are otherwise alike.
 *
 * @param varies Settings that arms of one panel differ in.
 */
export function panelLabels(
  panels: readonly PanelDescription[],
  varies: readonly string[],
): string[] {
  const paths = new Set(panels.flatMap(({ description }) => [...settingsOf(description).keys()]))
    .difference(new Set(varies));
  const others = [...paths].map((path): Part<PanelDescription> => ({ description }) => {
    const value = settingsOf(description).get(path);
    return value === undefined ? "" : `${path} ${value}`;
  });
  const labels = distinguish(panels, [...PANEL_PARTS, ...others]);
  return labels.map((label, index) =>
    labels.indexOf(label) === index ? label : `${label} (${index + 1})`
  );
}

/** Takes the first part, and each further one only if it distinguishes what was still alike. */
function distinguish<D>(descriptions: readonly D[], [first, ...others]: readonly Part<D>[]) {
  let labels = descriptions.map((each) => [first!(each)]);
  for (const part of others) {
    const longer = descriptions.map((each, index) => [...labels[index]!, part(each)]);
    if (distinct(longer) > distinct(labels)) labels = longer;
  }
  return labels.map((parts) => parts.filter((part) => part !== "").join(", "));
}

function distinct(labels: readonly (readonly string[])[]): number {
  return new Set(labels.map((parts) => parts.join("\n"))).size;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["mlp", "MLP"],
  ["cnn", "CNN"],
  ["fully-connected", "Fully connected net"],
  ["adam", "Adam"],
  ["sgd", "SGD"],
]);

/** An architecture or an update rule as it is written in a text. */
export function inWords(name: string): string {
  return WORDS.get(name) ?? name;
}

/** A setting as a person would write it: `0.001`, `0.00032`, `64`. */
export function formatSetting(value: number | string): string {
  return typeof value === "number" ? String(Number(value.toPrecision(value < 1 ? 2 : 6))) : value;
}

export interface ArmStyle {
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

const SOLID = [1, 0];
const DASHED = [5, 3];
const OTHER = "#8c6d1f";

export function isStock({ description }: Arm): boolean {
  return STOCK.test(description.model.norm);
}

export function normColour(norm: string): string {
  return norm === "none" ? WITHOUT_NORM_COLOUR : normOf(norm)?.colour ?? OTHER;
}

/** The style of an arm by its norm, where other settings vary along an axis; variants are dashed. */
export function styleByNorm(arm: Arm): ArmStyle {
  const { description } = arm;
  const isVariant = isStock(arm) || placementLabel(description) === "post" ||
    startOf(description) === "plain";
  return {
    label: normLabel(description),
    colour: normColour(description.model.norm),
    dash: isVariant ? DASHED : SOLID,
  };
}

export function styleByLabel(arm: Arm): ArmStyle {
  return { ...styleByNorm(arm), label: arm.label };
}

export function styleBySize(sizes: readonly number[]): (arm: Arm) => ArmStyle {
  const ordered = [...new Set(sizes)].sort((a, b) => a - b);
  const step = (SEQUENCE.length - 1) / Math.max(1, ordered.length - 1);
  return ({ description: { batchSize } }) => ({
    label: String(batchSize),
    colour: SEQUENCE[Math.round(ordered.indexOf(batchSize) * step)] ?? SEQUENCE[0],
    dash: SOLID,
  });
}

const LEGEND_WIDTH = 800;

/** Colour and dashes as Vega-Lite channels with one legend; entries in the order of the arms. */
export function styleChannels(styles: readonly ArmStyle[], title: string | null = null) {
  const unique = [...new Map(styles.map((style) => [style.label, style])).values()];
  const domain = unique.map(({ label }) => label);
  const entryWidth = 50 + 7 * Math.max(...domain.map((label) => label.length));
  const channel = <T>(range: T[]) => ({
    field: "label",
    type: "nominal" as const,
    scale: { domain, range },
    legend: {
      title,
      orient: "top" as const,
      columns: Math.min(domain.length, Math.floor(LEGEND_WIDTH / entryWidth)),
      labelLimit: 0,
      symbolType: "stroke" as const,
      symbolSize: 300,
      symbolStrokeWidth: 2,
      symbolOpacity: 1,
    },
  });
  return {
    color: channel(unique.map(({ colour }) => colour)),
    strokeDash: channel(unique.map(({ dash }) => [...dash])),
  };
}
