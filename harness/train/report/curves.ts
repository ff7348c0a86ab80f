/** Learning curves: the mean over trials, with a band from the lowest to the highest of them. */
import type { EpochRecord } from "../record.ts";
import { type FigureSpec, FRAME } from "../../../reports/figure.ts";
import { type ArmStyle, styleChannels } from "./labels.ts";
import type { Arm, EndedTrial, Panel } from "./panel.ts";
import { mean } from "../../../reports/statistics.ts";

type Column = Pick<Panel, "label" | "arms">;

export interface CurveChoices {
  readonly name: string;
  readonly title: string;
  readonly score: "accuracy" | "loss";
  readonly columns: readonly Column[];
  readonly style: (arm: Arm) => ArmStyle;
  readonly legendTitle?: string;
}

const ROWS = [
  { part: "train", title: "training" },
  { part: "validation", title: "validation" },
] as const;

/** Width of all columns together, without axes. */
const WIDTH = 760;

export function curves(choices: CurveChoices): FigureSpec | null {
  const { name, title, score, columns, style, legendTitle } = choices;
  const points = columns.flatMap((column) =>
    ROWS.flatMap((row) => column.arms.flatMap((arm) => pointsOf(arm, column, row, choices)))
  );
  if (points.every(({ epoch }) => epoch === points[0]!.epoch)) return null;
  const channels = styleChannels(columns.flatMap(({ arms }) => arms.map(style)), legendTitle);
  const means = { filter: "datum.trial === ''" };
  const diverged = { filter: "datum.trial !== ''" };
  const y = {
    field: "value",
    type: "quantitative" as const,
    scale: score === "loss" ? { type: "log" as const, nice: false, padding: 6 } : { zero: false },
    axis: score === "loss"
      ? { title: "cross-entropy", format: "~g", tickCount: 5 }
      : { title: "accuracy", format: ".0%", tickCount: 6, tickMinStep: 0.01 },
  };
  return {
    name,
    title: points.some(({ trial }) => trial !== "")
      ? `${title}; dotted lines that end in a cross are trials that diverged`
      : title,
    spec: {
      ...FRAME,
      data: { values: points },
      facet: {
        column: { field: "column", type: "nominal", sort: columns.map(({ label }) => label) },
        row: { field: "row", type: "nominal", sort: ROWS.map((row) => row.title) },
      },
      spec: {
        width: Math.min(360, Math.floor(WIDTH / columns.length)),
        height: 190,
        encoding: {
          x: {
            field: "epoch",
            type: "quantitative",
            scale: { nice: false, zero: false },
            axis: { grid: false, tickMinStep: 1, format: "d", tickCount: 6 },
          },
          color: channels.color,
        },
        layer: [
          {
            transform: [means],
            mark: { type: "area", opacity: 0.16 },
            encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
          },
          {
            transform: [means],
            mark: { type: "line", strokeWidth: 1.8, point: { size: 14, filled: true } },
            encoding: { y, strokeDash: channels.strokeDash },
          },
          {
            transform: [diverged],
            mark: { type: "line", strokeWidth: 1.2, strokeDash: [1, 3] },
            encoding: { y, detail: { field: "trial" } },
          },
          {
            transform: [diverged, { filter: "datum.last" }],
            mark: { type: "point", shape: "cross", angle: 45, size: 60, filled: true, opacity: 1 },
            encoding: { y },
          },
        ],
      },
    },
  };
}

function pointsOf(
  arm: Arm,
  { label: column }: Column,
  { part, title: row }: typeof ROWS[number],
  { score, style }: CurveChoices,
) {
  const place = { column, row, label: style(arm).label };
  const valueOf = (epoch: EpochRecord) => epoch[part][score];
  const line = (trials: readonly EndedTrial[], trial: string) =>
    byEpoch(trials, valueOf).map(({ epoch, values }, index, all) => ({
      ...place,
      epoch,
      value: mean(values),
      low: Math.min(...values),
      high: Math.max(...values),
      /** Id of a trial that diverged and has its own line; empty for a mean. */
      trial,
      last: index === all.length - 1,
    }));
  return [
    ...line(arm.finished, ""),
    ...arm.diverged.flatMap((trial) => line([trial], trial.record.trial.id)),
  ];
}

/** The values of each epoch that a figure can show; a loss of 0 has no place on a log axis. */
function byEpoch(trials: readonly EndedTrial[], valueOf: (epoch: EpochRecord) => number) {
  const epochs = trials.flatMap((trial) => trial.epochs)
    .map((record) => ({ epoch: record.epoch, value: valueOf(record) }))
    .filter(({ value }) => Number.isFinite(value) && value > 0);
  return [...Map.groupBy(epochs, ({ epoch }) => epoch)]
    .sort(([a], [b]) => a - b)
    .map(([epoch, group]) => ({ epoch, values: group.map(({ value }) => value) }));
}
