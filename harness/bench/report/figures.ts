/**
 * The figures of a bench report: how near contenders come to what a plain operation moves, and how their
 * throughput depends on the size of the input.
 *
 * @module
 */
import { size } from "../../../norms/basics/shape.ts";
import {
  type FigureSpec,
  FRAME,
  LINE_AT_ONE,
  logPosition,
  namedScale,
  powersAround,
  rowPosition,
} from "../../../reports/figure.ts";
import type { Timing } from "../record.ts";
import { type Colours, type Group, isAlone, labelOf, timingsOf } from "./model.ts";

/** A column for each workload, a row for each backend. */
const FACET = {
  column: { field: "workload", type: "nominal", sort: null },
  row: { field: "backend", type: "nominal", sort: null },
} as const;

function contenderScale<L extends object>(
  values: readonly { readonly contender: string }[],
  colours: Colours,
  legend: L | null,
) {
  const shown = new Set(values.map(({ contender }) => contender));
  const scale = new Map([...colours].filter(([name]) => shown.has(name)));
  return namedScale("contender", [...scale.keys()], [...scale.values()], legend);
}

/**
 * The share of the plain operation's bandwidth by norm and contender; `null` where no contender has one.
 *
 * A norm computes little for each byte that it moves, so memory bandwidth is its roofline.
 */
export function roofline(groups: readonly Group[], colours: Colours): FigureSpec | null {
  const values = groups.flatMap((group) =>
    timingsOf(group).flatMap(({ name, role, copyShare }) =>
      role === "copy" || copyShare === null ? [] : [{
        norm: group.record.norm,
        contender: name,
        workload: group.record.workload,
        backend: group.site.label,
        cache: group.record.cache,
        share: copyShare,
        row: `${group.record.norm}: ${name}`,
      }]
    )
  );
  if (values.length === 0) return null;
  const domain = powersAround([1, ...values.map(({ share }) => share)]);
  return {
    name: "roofline",
    title:
      "Least traffic of each norm as a share of what the plain operation moved in the same time",
    spec: {
      ...FRAME,
      data: { values },
      facet: FACET,
      spec: {
        width: 300,
        height: { step: 17 },
        layer: [
          LINE_AT_ONE,
          {
            mark: { type: "point", size: 46, strokeWidth: 1.5, opacity: 0.9 },
            encoding: {
              x: logPosition("share", "share of the bandwidth (log scale)", domain),
              y: rowPosition("row"),
              color: contenderScale(values, colours, null),
              shape: namedScale("cache", ["cold", "hot"], ["circle", "triangle-up"]),
            },
          },
        ],
      },
    },
  };
}

/** Throughput against size for one norm, a line a contender; `null` where it was not timed alone. */
export function throughput(
  norm: string,
  slug: string,
  groups: readonly Group[],
  colours: Colours,
): FigureSpec | null {
  const values = groups.filter(isAlone).flatMap((group) =>
    timingsOf(group).map((timing) => pointOf(group, timing))
  );
  if (values.length === 0) return null;
  const sizes = powersAround(values.map(({ elements }) => elements));
  const rates = powersAround(values.flatMap(({ low, high }) => [low, high]));
  return {
    name: `throughput-${slug}`,
    title: `Throughput of ${norm} norm against the size of its input; bands hold half the samples`,
    spec: {
      ...FRAME,
      data: { values },
      facet: FACET,
      spec: {
        width: 330,
        height: 220,
        encoding: {
          x: logPosition("elements", "elements (log scale)", sizes, { grid: false }),
          color: contenderScale(values, colours, { symbolOpacity: 1, columns: 4, labelLimit: 0 }),
          detail: { field: "layout", type: "nominal" },
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
              strokeDash: namedScale("layout", ["[N, D]", "[N, H, W, C]"], [[1, 0], [5, 3]]),
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

function pointOf({ record, site }: Group, timing: Timing) {
  const { median, p25, p75 } = timing.seconds;
  const elements = size(record.shape);
  return {
    workload: record.workload,
    backend: site.label,
    contender: labelOf(timing),
    layout: record.shape.length === 2 ? "[N, D]" : "[N, H, W, C]",
    elements,
    rate: elements / median,
    low: elements / p75,
    high: elements / p25,
  };
}
