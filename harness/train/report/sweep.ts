/** Measures against what a question varies, such as the learning rate. */
import { decades, type FigureSpec, FRAME, INK, TICK_LABEL } from "../../../reports/figure.ts";
import { styleByNorm, styleChannels } from "./labels.ts";
import type { Measure } from "./measures.ts";
import type { Arm, Panel } from "./panel.ts";
import { valuesOf, type Variable } from "./pairs.ts";
import { mean } from "../../../reports/statistics.ts";

export interface SweepChoices {
  readonly name: string;
  readonly title: string;
  readonly variable: Variable;
  readonly measures: readonly Measure[];
  readonly panels: readonly Panel[];
}

const WIDTH = 660;

/** Draws measures side by side, a row a panel; `null` where nothing was varied. */
export function sweep(
  { name, title, variable, measures, panels }: SweepChoices,
): FigureSpec | null {
  const shown = panels.filter(({ arms }) => valuesOf(arms, variable).length > 1);
  if (shown.length === 0) return null;
  const channels = styleChannels(shown.flatMap(({ arms }) => arms.map(styleByNorm)));
  const width = Math.min(330, Math.floor(WIDTH / measures.length) - 20);
  const diverged = shown.some(({ arms }) => arms.some((arm) => arm.diverged.length > 0));
  return {
    name,
    title: diverged ? `${title}; a cross below marks trials that diverged` : title,
    spec: {
      ...FRAME,
      spacing: 26,
      vconcat: shown.map((panel) => ({
        ...(shown.length > 1 && {
          title: { text: panel.label, fontSize: 11, color: INK, anchor: "start" as const },
        }),
        spacing: 26,
        hconcat: measures.map((measure) => plot(panel, measure, variable, channels, width)),
      })),
    },
  };
}

function plot(
  panel: Panel,
  measure: Measure,
  variable: Variable,
  channels: ReturnType<typeof styleChannels>,
  width: number,
) {
  const points = panel.arms.flatMap((arm) => pointsOf(arm, panel, measure, variable));
  const values = valuesOf(panel.arms, variable);
  const [least, most] = [values[0]!, values.at(-1)!];
  const spare = (most / least) ** 0.03;
  const share = measure.better === "higher";
  const y = {
    field: "value",
    type: "quantitative" as const,
    scale: share ? { zero: false, nice: true } : { type: "log" as const, nice: false, padding: 6 },
    axis: share
      ? { title: measure.name, format: ".0%", tickCount: 6, tickMinStep: 0.01 }
      : { title: measure.name, format: "~g", tickCount: 5 },
  };
  const height = 190;
  const only = (what: string) => ({ filter: { field: "what", equal: what } });
  return {
    width,
    height,
    data: { values: points },
    encoding: {
      x: {
        field: "at",
        type: "quantitative" as const,
        scale: {
          type: "log" as const,
          base: variable.base,
          // Room beside the outermost points.
          domain: [least / spare, most * spare],
          nice: false,
        },
        axis: {
          title: variable.name,
          grid: false,
          labelFlush: false,
          values: values.length <= 8 ? values : decades(least, most),
          labelExpr: variable.base === 2 ? "datum.value" : TICK_LABEL,
        },
      },
      color: channels.color,
    },
    layer: [
      {
        transform: [only("mean")],
        mark: { type: "line" as const, strokeWidth: 1.8, point: { size: 30, filled: true } },
        encoding: { y, strokeDash: channels.strokeDash },
      },
      {
        transform: [only("trial")],
        mark: { type: "point" as const, size: 14, filled: true, opacity: 0.6 },
        encoding: { y },
      },
      {
        transform: [only("diverged")],
        mark: {
          type: "point" as const,
          shape: "cross",
          angle: 45,
          size: 60,
          filled: true,
          opacity: 1,
        },
        encoding: { y: { value: height } },
      },
    ],
  };
}

function pointsOf(arm: Arm, panel: Panel, measure: Measure, variable: Variable) {
  const at = variable.of(arm.description);
  if (at === null) return [];
  const place = { label: styleByNorm(arm).label, at };
  const values = [...measure.of(arm, panel).values()];
  return [
    ...values.map((value) => ({ ...place, value, what: "trial" })),
    ...(values.length > 0 ? [{ ...place, value: mean(values), what: "mean" }] : []),
    ...(arm.diverged.length > 0 ? [{ ...place, value: null, what: "diverged" }] : []),
  ];
}
