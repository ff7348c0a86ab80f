/**
 * The figure of the training experiment: accuracy over the epochs, replayed and published.
 *
 * @module
 */
import { type EpochAccuracy, NOTEBOOK } from "../record.ts";
import { type FigureSpec, FRAME, INK } from "../../../reports/figure.ts";
import { batchNorm } from "../../../norms/batch_norm.ts";
import { WITHOUT_NORM_COLOUR } from "../../../reports/palette.ts";
import type { NetworkRuns } from "./model.ts";

interface Point {
  readonly panel: string;
  readonly network: string;
  readonly kind: "seed 220" | "further seeds" | "published";
  readonly run: string;
  readonly epoch: number;
  readonly accuracy: number;
}

const COLOURS = { "batch norm": batchNorm.colour, plain: WITHOUT_NORM_COLOUR };

/** Accuracies of all runs, a panel for each site and set of images; `null` without runs. */
export function accuracyCurves(networks: readonly NetworkRuns[]): FigureSpec | null {
  const points = networks.flatMap(pointsOf);
  if (points.length === 0) return null;
  const layer = (kind: Point["kind"], mark: object) => ({
    transform: [{ filter: { field: "kind", equal: kind } }],
    mark: mark as { type: "line" },
  });
  return {
    name: "replay-accuracy",
    title: "Accuracy over the epochs: replayed, over further seeds, and as the notebook printed it",
    spec: {
      ...FRAME,
      data: { values: points },
      columns: 2,
      facet: { field: "panel", type: "nominal" },
      spec: {
        width: 280,
        height: 180,
        encoding: {
          x: { field: "epoch", type: "quantitative", axis: { title: "epoch", grid: false } },
          y: { field: "accuracy", type: "quantitative", axis: { title: "accuracy" } },
          detail: { field: "run" },
          color: {
            field: "network",
            type: "nominal",
            scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) },
            legend: { title: null, symbolOpacity: 1, symbolStrokeWidth: 2 },
          },
        },
        layer: [
          layer("further seeds", { type: "line", strokeWidth: 0.8, opacity: 0.35 }),
          layer("seed 220", { type: "line", strokeWidth: 2 }),
          layer("published", {
            type: "point",
            shape: "diamond",
            size: 70,
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

function pointsOf({ site, network, own, further, printouts }: NetworkRuns): Point[] {
  const panel = (part: string) => `${part} images, ${site.label}`;
  const curve = (kind: Point["kind"], run: string, accuracies: readonly EpochAccuracy[]) =>
    accuracies.flatMap(({ epoch, train, validation }): Point[] => [
      { panel: panel("training"), network, kind, run, epoch, accuracy: train },
      { panel: panel("validation"), network, kind, run, epoch, accuracy: validation },
    ]);
  const published = printouts.flatMap(({ figure: name, published, training }): Point[] => {
    const part = ["training", "validation"].find((each) => name.startsWith(`${each} accuracy`));
    if (part === undefined) return [];
    const epoch = Math.floor(training!.iteration / NOTEBOOK.stepsPerEpoch);
    const accuracy = Number(published[0]);
    return [{ panel: panel(part), network, kind: "published", run: "published", epoch, accuracy }];
  });
  return [
    ...further.flatMap(({ seed, accuracies }) =>
      curve("further seeds", `${network} ${seed}`, accuracies)
    ),
    ...(own ? curve("seed 220", `${network} 220`, own.accuracies) : []),
    ...published,
  ];
}
