/**
 * How arms are drawn: a colour a norm, dashes for its variants.
 *
 * @module
 */
import { NORMS } from "../../../norms/registry.ts";
import { SEQUENCE, WITHOUT_NORM_COLOUR } from "../../../reports/palette.ts";
import { normLabel } from "./labels.ts";
import type { Arm } from "./model.ts";

/** How a line or a dot is drawn, and what the legend calls it. */
export interface ArmStyle {
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

const SOLID = [1, 0];
const DASHED = [5, 3];
const OTHER = "#8c6d1f";

/** The colour of a norm; that of `tf.layers` has the colour of the custom one. */
export function normColour(norm: string): string {
  if (norm === "none") return WITHOUT_NORM_COLOUR;
  return NORMS.find(({ name }) => name === norm.replace(/^tf-/, ""))?.colour ?? OTHER;
}

/** Dashed: a norm of `tf.layers`, one after the activation, weight norm from the plain start. */
function dashOf({ description: { model } }: Arm): readonly number[] {
  const variant = model.norm.startsWith("tf-") ||
    (model.norm !== "none" && model.placement === "post") ||
    (model.norm === "weight" && !model.dataDependentInitialization);
  return variant ? DASHED : SOLID;
}

/** The style of an arm by its norm, named by its label. */
export function styleByLabel(arm: Arm): ArmStyle {
  return { ...styleByNorm(arm), label: arm.label };
}

/** The style of an arm by its norm, named by the norm, where other figures vary along an axis. */
export function styleByNorm(arm: Arm): ArmStyle {
  const { model } = arm.description;
  return { label: normLabel(arm.description), colour: normColour(model.norm), dash: dashOf(arm) };
}

/** Styles that tell sizes apart, from the smallest to the largest. */
export function styleBySize(sizes: readonly number[]): (arm: Arm) => ArmStyle {
  const ordered = [...new Set(sizes)].sort((a, b) => a - b);
  const step = (SEQUENCE.length - 1) / Math.max(1, ordered.length - 1);
  return ({ description: { batchSize } }) => ({
    label: String(batchSize),
    colour: SEQUENCE[Math.round(ordered.indexOf(batchSize) * step)] ?? SEQUENCE[0],
    dash: SOLID,
  });
}

/** Room for a legend, in pixels. */
const WIDTH = 800;

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
      columns: Math.min(domain.length, Math.floor(WIDTH / entryWidth)),
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
