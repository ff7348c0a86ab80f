/** Dot plots: every trial of every arm, the mean, and its 95 % interval. */
import { type FigureSpec, FRAME, INK } from "../../../reports/figure.ts";
import { styleByLabel } from "./labels.ts";
import { type Measure, TEST_ACCURACY } from "./measures.ts";
import type { Panel } from "./panel.ts";
import { summarize } from "../../../reports/statistics.ts";

export interface DotChoices {
  readonly name: string;
  readonly title: string;
  readonly measure: Measure;
  readonly panels: readonly Panel[];
  /** A ratio has a log axis with a line at 1, and no interval: a ratio's is not symmetric. */
  readonly kind: "accuracy" | "ratio";
}

/** Width of all columns together, without labels. */
const WIDTH = 480;

export function dots({ name, title, measure, panels, kind }: DotChoices): FigureSpec | null {
  const columns = panels.map((panel) => ({ panel, rows: rowsOf(panel, measure) }))
    .filter(({ rows }) => rows.length > 0);
  if (columns.length === 0) return null;
  return {
    name,
    title,
    spec: {
      ...FRAME,
      spacing: 12,
      hconcat: columns.map(({ panel, rows }) => ({
        ...(columns.length > 1 && { title: { text: panel.label, fontSize: 11, color: INK } }),
        ...plot(rows, measure, Math.min(420, Math.floor(WIDTH / columns.length)), kind),
      })),
    },
  };
}

export function testAccuracyDots(panels: readonly Panel[], name: string): FigureSpec | null {
  return dots({
    name,
    title: "Test accuracy of every trial, the mean (bar) and its 95 % interval (line)",
    measure: TEST_ACCURACY,
    panels,
    kind: "accuracy",
  });
}

function rowsOf(panel: Panel, measure: Measure) {
  return panel.arms.flatMap((arm) => {
    const summary = summarize([...measure.of(arm, panel).values()]);
    if (summary === null) return [];
    const [low, high] = summary.interval ?? [null, null];
    const { label, colour } = styleByLabel(arm);
    return [{ label, colour, values: summary.values, mean: summary.mean, low, high }];
  });
}

function plot(
  rows: ReturnType<typeof rowsOf>,
  { name }: Measure,
  width: number,
  kind: DotChoices["kind"],
) {
  const x = {
    field: "mean",
    type: "quantitative" as const,
    scale: kind === "ratio"
      ? { type: "log" as const, base: 2, nice: false, padding: 12 }
      : { zero: false, nice: false, padding: 12 },
    axis: { title: name, format: kind === "ratio" ? "~r" : ".1%", tickCount: 5 },
  };
  const color = { field: "colour", type: "nominal" as const, scale: null };
  return {
    width,
    height: { step: 24 },
    data: { values: rows },
    encoding: {
      y: {
        field: "label",
        type: "nominal" as const,
        sort: rows.map(({ label }) => label),
        axis: { title: null, domain: false, ticks: false, labelLimit: 200 },
      },
    },
    layer: [
      kind === "ratio"
        ? {
          mark: { type: "rule" as const, strokeDash: [3, 3], opacity: 0.6, color: INK },
          encoding: { x: { datum: 1 }, y: { value: 0 }, y2: { value: "height" as const } },
        }
        : {
          transform: [{ filter: "datum.low !== null" }],
          mark: { type: "rule" as const, strokeWidth: 1.2, opacity: 0.7 },
          encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, color },
        },
      {
        transform: [{ flatten: ["values"] }],
        mark: { type: "point" as const, size: 46, filled: true, opacity: 0.55 },
        encoding: { x: { ...x, field: "values" }, color },
      },
      {
        mark: { type: "tick" as const, thickness: 2.4, size: 16, color: INK },
        encoding: { x },
      },
    ],
  };
}
