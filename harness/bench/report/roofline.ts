/**
 * The roofline: how near each contender comes to the speed of a copy.
 *
 * A norm computes little for every byte that it moves, so that the memory alone is its roof: the copy.
 *
 * @module
 */
import {
  type FigureSpec,
  FRAME,
  LINE_AT_ONE,
  logPosition,
  powersAround,
  rowPosition,
} from "../../../reports/figure.ts";
import { contenderScale } from "./contender_style.ts";
import { type Group, timingsOf } from "./model.ts";

/** Share of the copy's bandwidth by norm and contender; `null` where nothing has one. */
export function roofline(groups: readonly Group[]): FigureSpec | null {
  const values = groups.flatMap((group) =>
    timingsOf(group).flatMap(({ name, role, copyShare }) =>
      role === "copy" || copyShare === null ? [] : [{
        norm: group.record.norm,
        contender: name,
        workload: group.record.workload,
        backend: group.site.label,
        cache: group.record.cache,
        share: copyShare,
      }]
    )
  );
  if (values.length === 0) return null;
  const domain = powersAround([1, ...values.map(({ share }) => share)]);
  const scale = contenderScale(groups);
  return {
    name: "roofline",
    title: "Least traffic of each norm as a share of what the copy moved in the same time",
    spec: {
      ...FRAME,
      data: {
        values: values.map((value) => ({ ...value, row: `${value.norm}: ${value.contender}` })),
      },
      facet: {
        column: { field: "workload", type: "nominal", sort: null },
        row: { field: "backend", type: "nominal", sort: null },
      },
      spec: {
        width: 300,
        height: { step: 17 },
        layer: [
          LINE_AT_ONE,
          {
            mark: { type: "point", size: 46, strokeWidth: 1.5, opacity: 0.9 },
            encoding: {
              x: logPosition("share", "share of the copy (log scale)", domain),
              y: rowPosition("row"),
              color: {
                field: "contender",
                type: "nominal",
                scale: scale.scale,
                legend: null,
              },
              shape: {
                field: "cache",
                type: "nominal",
                scale: { domain: ["cold", "hot"], range: ["circle", "triangle-up"] },
                legend: { title: null },
              },
            },
          },
        ],
      },
    },
  };
}
