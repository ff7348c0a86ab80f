/**
 * The heat map of a parity report: norm by backend.
 *
 * @module
 */
import { VERDICTS } from "../record.ts";
import { type FigureSpec, FRAME, namedScale } from "../../../reports/figure.ts";
import type { Cell, ParityReport } from "./model.ts";
import { formatRatio, VERDICT_MARKS } from "./verdicts.ts";

/** Blue within the budget, orange outside; the further off, the stronger. */
const RANGES = [
  { name: "below 0.1", colour: "#d6eaf8", limit: 0.1 },
  { name: "0.1 to 1", colour: "#9ccbea", limit: 1 },
  { name: "1 to 10", colour: "#fbd3a4", limit: 10 },
  { name: "10 to 1000", colour: "#f2994a", limit: 1000 },
  { name: "above 1000", colour: "#b34700", limit: Infinity },
] as const;

/** Norm by backend: the worst error in budgets, and how often each verdict was given. */
export function heatMap({ cells, sites, norms }: ParityReport): FigureSpec {
  const values = cells.map((cell) => ({
    norm: cell.norm,
    backend: cell.site.label,
    ratio: formatRatio(worst(cell)),
    range: RANGES.find(({ limit }) => worst(cell) <= limit)!.name,
    marks: verdictMarks(cell),
  }));
  const text = (field: string, fontSize: number, dy: number, fontWeight: "bold" | "normal") => ({
    mark: { type: "text" as const, fontSize, dy, fontWeight },
    encoding: {
      text: { field, type: "nominal" as const },
      color: {
        condition: { test: `datum.range === '${RANGES.at(-1)!.name}'`, value: "#ffffff" },
        value: "#101820",
      },
    },
  });
  return {
    name: "heat-map",
    title: "Worst error of each norm on each backend, as a multiple of its budget",
    spec: {
      ...FRAME,
      data: { values },
      width: { step: 116 },
      height: { step: 46 },
      encoding: {
        x: {
          field: "backend",
          type: "nominal",
          sort: sites.map(({ label }) => label),
          axis: { orient: "top", title: "backend", labelAngle: 0, domain: false, ticks: false },
        },
        y: {
          field: "norm",
          type: "nominal",
          sort: norms.map(({ norm }) => norm),
          axis: {
            title: "norm",
            titleAngle: 0,
            titleAlign: "right",
            titleX: -5,
            titleY: -10,
            domain: false,
            ticks: false,
          },
        },
      },
      layer: [
        {
          mark: { type: "rect", cornerRadius: 3, height: { band: 0.94 }, width: { band: 0.98 } },
          encoding: {
            color: namedScale(
              "range",
              RANGES.map(({ name }) => name),
              RANGES.map(({ colour }) => colour),
              { title: "worst error / budget", orient: "bottom" as const, columns: 5 },
            ),
          },
        },
        text("ratio", 14, -6, "bold"),
        text("marks", 10, 11, "normal"),
      ],
    },
  };
}

/** The largest error of a custom norm, infinite where none answered. */
function worst({ custom: { ratio } }: Cell): number {
  return ratio ?? Infinity;
}

function verdictMarks({ custom: { counts } }: Cell): string {
  return VERDICTS.filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${VERDICT_MARKS[verdict]} ${counts[verdict]}`).join("  ");
}
