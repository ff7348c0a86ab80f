/**
 * The figure of the training experiment: loss and accuracies over the epochs, replayed and published.
 *
 * @module
 */
import { accuracyName, lossName, MEASURES, PUBLISHED, RECORDED } from "../published.ts";
import { NOTEBOOK } from "../record.ts";
import { type FigureSpec, FRAME, INK } from "../../../reports/figure.ts";
import type { NetworkRuns } from "./model.ts";
import { COLOURS } from "./studies.ts";

interface Point {
  readonly panel: string;
  readonly network: string;
  readonly kind: "seed 220" | "NumPy" | "published";
  readonly epoch: number;
  readonly value: number;
  /** Upper end of a band. */
  readonly high?: number;
}

/** The notebook's two networks. */
const NETWORKS = ["batch norm", "plain"] as const;

/** Losses and accuracies as the notebook plots them, a row of panels for each site; `null` without runs. */
export function trainingCurves(networks: readonly NetworkRuns[]): FigureSpec | null {
  const points = networks.flatMap(pointsOf);
  if (points.length === 0) return null;
  const layer = (kind: Point["kind"], mark: object, encoding = {}) => ({
    transform: [{ filter: { field: "kind", equal: kind } }],
    mark: mark as { type: "line" },
    encoding,
  });
  return {
    name: "replay-training",
    title:
      "Training from seed 220: replayed (lines), as the notebook printed it (diamonds), and the range of " +
      "thirty other seeds in NumPy (bands)",
    spec: {
      ...FRAME,
      data: { values: points },
      columns: MEASURES.length,
      facet: { field: "panel", type: "nominal", title: null, sort: null },
      resolve: { scale: { y: "independent" } },
      spec: {
        width: 240,
        height: 180,
        encoding: {
          x: { field: "epoch", type: "quantitative", axis: { title: "epoch", grid: false } },
          y: { field: "value", type: "quantitative", axis: { title: null } },
          color: {
            field: "network",
            type: "nominal",
            scale: { domain: [...NETWORKS], range: NETWORKS.map((network) => COLOURS[network]) },
            legend: { title: null, symbolOpacity: 1, symbolStrokeWidth: 2, orient: "top" },
          },
        },
        layer: [
          layer("NumPy", { type: "area", opacity: 0.2 }, { y2: { field: "high" } }),
          layer("seed 220", { type: "line", strokeWidth: 1.5 }),
          layer("published", {
            type: "point",
            shape: "diamond",
            size: 50,
            filled: true,
            stroke: INK,
            strokeWidth: 1,
            opacity: 1,
          }),
        ],
      },
    },
  };
}

function pointsOf({ site, network, own }: NetworkRuns): Point[] {
  if (own === undefined) return [];
  return MEASURES.flatMap((measure) => {
    const panel = `${measure === "loss" ? "loss" : `${measure} accuracy`}, ${site.label}`;
    const epochOf = (i: number) => measure === "loss" ? i + 1 / NOTEBOOK.stepsPerEpoch : i;
    const rows = RECORDED.seeds[network][measure];
    const replayed: readonly (readonly [epoch: number, value: number])[] = measure === "loss"
      ? own.losses.map((loss, i) => [(i + 1) / NOTEBOOK.stepsPerEpoch, loss])
      : own.accuracies.map((
        each,
      ) => [each.epoch, each[measure === "training" ? "train" : measure]]);
    const published = rows.flatMap((_, i) => {
      const name = measure === "loss"
        ? lossName(1 + i * NOTEBOOK.stepsPerEpoch, network)
        : accuracyName(measure, i, network);
      const printed = PUBLISHED["N7"]![name];
      return printed ? [{ epoch: epochOf(i), value: Number(printed.printed[0]) }] : [];
    });
    const point =
      (kind: Point["kind"]) => (each: Pick<Point, "epoch" | "value" | "high">): Point => ({
        panel,
        network,
        kind,
        ...each,
      });
    return [
      ...rows.map((row, i) => ({
        epoch: epochOf(i),
        value: Math.min(...row),
        high: Math.max(...row),
      }))
        .map(point("NumPy")),
      ...replayed.map(([epoch, value]) => ({ epoch, value })).map(point("seed 220")),
      ...published.map(point("published")),
    ];
  });
}
