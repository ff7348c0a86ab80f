/**
 * What arms and panels are called: what sets each apart from its neighbours, from their descriptions.
 *
 * @module
 */
import type { TrialDescription } from "../record.ts";

/** A part of a label, where the description has it. */
type Part<D> = (description: D) => string;

/** The norm of an arm, and how weight norm started. */
export function normLabel({ model }: TrialDescription): string {
  if (model.norm !== "weight") return model.norm;
  return model.dataDependentInitialization ? "weight (data start)" : "weight (plain start)";
}

const ARM_PARTS: readonly Part<TrialDescription>[] = [
  normLabel,
  ({ model }) => model.norm === "none" ? "" : model.placement,
  ({ batchSize }) => `batch size ${batchSize}`,
  ({ model }) => `scale ${formatSetting(model.weightScale)}`,
  ({ optimizer }) => `rate ${formatSetting(optimizer.learningRate)}`,
];

/** A name for each arm of a panel; the arm's own where the descriptions do not tell two apart. */
export function armLabels(descriptions: readonly TrialDescription[]): string[] {
  const labels = distinguish(descriptions, ARM_PARTS);
  return labels.map((label, index) =>
    labels.indexOf(label) === labels.lastIndexOf(label) ? label : descriptions[index]!.arm
  );
}

/** What panels are told apart by. */
interface PanelDescription {
  readonly description: TrialDescription;
  readonly site: string;
}

const PANEL_PARTS: readonly Part<PanelDescription>[] = [
  ({ description: { model } }) => architectureLabel(model.architecture),
  ({ description: { model } }) => model.activation,
  ({ description: { model } }) => model.hidden.join("-"),
  ({ description: { optimizer } }) => optimizerLabel(optimizer.name),
  ({ description: { model } }) => `L2 ${model.l2}`,
  ({ description: { data } }) => data.name,
  ({ description: { data } }) => `${data.train} images`,
  ({ description: { epochs } }) => `${epochs} epochs`,
  ({ site }) => site,
];

/** A name for each panel of a suite. */
export function panelLabels(panels: readonly PanelDescription[]): string[] {
  const labels = distinguish(panels, PANEL_PARTS);
  return labels.map((label, index) =>
    labels.indexOf(label) === index ? label : `${label} (${index + 1})`
  );
}

/** Architectures as they are written in a text. */
export function architectureLabel(architecture: string): string {
  const known: Readonly<Record<string, string>> = {
    mlp: "MLP",
    cnn: "CNN",
    "fully-connected": "Fully connected net",
  };
  return known[architecture] ?? architecture;
}

/** Update rules as they are written in a text. */
export function optimizerLabel(name: string): string {
  const known: Readonly<Record<string, string>> = { adam: "Adam", sgd: "SGD" };
  return known[name] ?? name;
}

/** A number that somebody chose, as they would write it: `0.001`, `0.00032`, `64`. */
export function formatSetting(value: number | string): string {
  return typeof value === "number" ? String(Number(value.toPrecision(value < 1 ? 2 : 6))) : value;
}

/** Takes the first part, and each further one only where it tells apart what was still alike. */
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
