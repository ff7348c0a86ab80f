/**
 * The heat map of a parity report: norm by backend.
 *
 * @module
 */
import { VERDICTS } from "../record.ts";
import { type FigureSpec, FRAME } from "../../../reports/figure.ts";
import { formatRatio, VERDICT_MARKS } from "../../../reports/format.ts";
import type { Cell, ParityReport } from "./model.ts";
import { HEAT } from "../../../reports/palette.ts";

/** Norm by backend: the worst error in budgets, and how often each verdict but `agree` was given. */
export function heatMap({ cells, sites, norms }: ParityReport): FigureSpec {
  const values = cells.map((cell) => ({
    norm: cell.norm,
    backend: cell.site.label,
    ratio: formatRatio(cell.custom),
    range: heatRange(cell.custom),
    marks: verdictMarks(cell),
  }));
  const text = (field: string, fontSize: number, dy: number, fontWeight: "bold" | "normal") => ({
    mark: { type: "text" as const, fontSize, dy, fontWeight },
    encoding: {
      text: { field, type: "nominal" as const },
      color: {
        condition: { test: `datum.range === '${HEAT.names.at(-1)}'`, value: "#ffffff" },
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
            color: {
              field: "range",
              type: "nominal",
              scale: { domain: [...HEAT.names], range: [...HEAT.colours] },
              legend: { title: "worst error / budget", orient: "bottom", columns: 5 },
            },
          },
        },
        text("ratio", 14, -6, "bold"),
        text("marks", 10, 11, "normal"),
      ],
    },
  };
}

/** The name of the range of the palette that a ratio falls into. */
function heatRange(ratio: number): string {
  return HEAT.names[HEAT.limits.filter((limit) => ratio > limit).length] ?? "";
}

/** The verdicts of a cell that are not `agree`, counted; or that all agree. */
function verdictMarks({ counts, comparisons }: Cell): string {
  const marks = VERDICTS.filter((verdict) => verdict !== "agree" && counts[verdict] > 0)
    .map((verdict) => `${VERDICT_MARKS[verdict]} ${counts[verdict]}`);
  return marks.length > 0 ? marks.join("  ") : `${VERDICT_MARKS.agree} ${comparisons.length}`;
}
