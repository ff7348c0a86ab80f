/**
 * Records of a replay, for tests.
 *
 * @module
 */
import type { ReplayRunRecord } from "../record.ts";
import { type HeaderRecord, SCHEMA } from "../../run/record.ts";
import type { FigureRecord, NotebookRunRecord } from "../record.ts";

/** The header of a replay on wasm. */
export function sampleReplayHeader(): HeaderRecord {
  return {
    kind: "header",
    schema: SCHEMA,
    task: "replay",
    environment: {
      normbench: "0.1.0",
      commit: null,
      versions: { deno: "2.9.6" },
      platform: "linux x86_64",
      cpu: "Xeon",
      cores: 2,
    },
    backends: [{ name: "wasm", version: "4.22.0", device: "SIMD", notes: [] }],
    options: { experiments: ["N1", "N7"], seeds: 2 },
  };
}

/** A figure that came out as it was printed, unless told otherwise. */
export function sampleFigure(changes: Partial<FigureRecord> = {}): FigureRecord {
  return {
    kind: "figure",
    schema: SCHEMA,
    backend: "float64",
    experiment: "N1",
    figure: "means before batch norm",
    published: ["28.57337215", "27.08029233"],
    measured: [28.573372153, 27.08029233],
    verdict: "same digits",
    digits: 9,
    ...changes,
  };
}

/** A training figure of the plain network. */
export function sampleTraining(
  iteration: number,
  changes: Partial<FigureRecord> = {},
): FigureRecord {
  return sampleFigure({
    backend: "wasm",
    experiment: "N7",
    figure: `training accuracy at epoch ${iteration / 20}, plain`,
    published: ["0.3"],
    measured: [0.3],
    training: { network: "plain", iteration },
    ...changes,
  });
}

/** A run of one epoch. */
export function sampleNotebookRun(seed: number, accuracy: number): NotebookRunRecord {
  return {
    kind: "notebook-run",
    schema: SCHEMA,
    backend: "wasm",
    network: "plain",
    seed,
    losses: [2.3, 2.2],
    accuracies: [
      { epoch: 0, train: 0.1, validation: 0.1 },
      { epoch: 1, train: accuracy, validation: accuracy / 2 },
    ],
  };
}

/** A replay with a figure, a training run and two further seeds. */
export function sampleReplay(...further: readonly ReplayRunRecord[]): ReplayRunRecord[] {
  return [
    sampleReplayHeader(),
    sampleFigure(),
    sampleNotebookRun(220, 0.3),
    sampleNotebookRun(221, 0.2),
    sampleNotebookRun(222, 0.4),
    ...further,
  ];
}
