/**
 * Throughput against size, a line a contender, with a band from the quarter to three quarters.
 *
 * @module
 */
import { type FigureSpec, FRAME, logPosition, powersAround } from "../../../reports/figure.ts";
import { contenderScale } from "./contender_style.ts";
import { type Group, timingsOf } from "./model.ts";

/** A figure for the groups of one norm; `null` where no size was timed alone. */
export function throughput(
  norm: string,
  slug: string,
  groups: readonly Group[],
): FigureSpec | null {
  const alone = groups.filter(({ record }) => record.workload !== "training step");
  const values = alone.flatMap((group) => timingsOf(group).map((timing) => pointOf(group, timing)));
  if (values.length === 0) return null;
  const sizes = powersAround(values.map(({ elements }) => elements));
  const rates = powersAround(values.flatMap(({ low, high }) => [low, high]));
  const detail = { field: "layout", type: "nominal" as const };
  return {
    name: `throughput-${slug}`,
    title: `Throughput of ${norm} norm against the size of its input; bands hold half the samples`,
    spec: {
      ...FRAME,
      data: { values },
      facet: {
        column: { field: "workload", type: "nominal", sort: null },
        row: { field: "backend", type: "nominal", sort: null },
      },
      spec: {
        width: 330,
        height: 220,
        encoding: {
          x: logPosition("elements", "elements (log scale)", sizes, { grid: false }),
          color: { field: "contender", type: "nominal", ...contenderScale(alone) },
          detail,
        },
        layer: [
          {
            mark: { type: "area", opacity: 0.18 },
            encoding: {
              y: { field: "low", type: "quantitative", scale: { type: "log", domain: rates } },
              y2: { field: "high" },
            },
          },
          {
            mark: { type: "line", strokeWidth: 1.6 },
            encoding: {
              y: logPosition("rate", "elements a second (log scale)", rates),
              strokeDash: {
                field: "layout",
                type: "nominal",
                scale: { domain: ["[N, D]", "[N, H, W, C]"], range: [[1, 0], [5, 3]] },
                legend: { title: null },
              },
            },
          },
          {
            mark: { type: "point", size: 26, filled: true, opacity: 1 },
            encoding: { y: { field: "rate", type: "quantitative" } },
          },
        ],
      },
    },
  };
}

function pointOf({ record, site }: Group, timing: ReturnType<typeof timingsOf>[number]) {
  const elements = record.shape.reduce((product, length) => product * length, 1);
  const { median, p25, p75 } = timing.seconds;
  return {
    workload: record.workload,
    backend: site.label,
    contender: timing.name,
    layout: record.shape.length === 2 ? "[N, D]" : "[N, H, W, C]",
    elements,
    rate: elements / median,
    low: elements / p75,
    high: elements / p25,
  };
}
