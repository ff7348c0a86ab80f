/**
 * From experiments to records.
 *
 * @module
 */
import { SCHEMA } from "../run/record.ts";
import type { ReplayResult } from "./record.ts";
import {
  type FigureRecord,
  NOTEBOOK,
  type NotebookNetwork,
  type NotebookRunRecord,
} from "./record.ts";
import { useBackend } from "../backend/active_backend.ts";
import { Speed } from "../backend/backend.ts";
import type { BackendStatus } from "../backend/registry.ts";
import { type Arithmetic, FLOAT64, oracleArithmetic, tensorArithmetic } from "./arithmetic.ts";
import { drawAll, trainNet } from "./deep_net.ts";
import { demonstrations } from "./demonstrations.ts";
import { type Experiment, EXPERIMENTS } from "./experiments.ts";
import type { Measurement } from "./measurement.ts";
import type { NotebookData } from "./notebook_data.ts";
import { PUBLISHED } from "./published.ts";
import { trainingFigures } from "./training_figures.ts";
import { expectedRange, judge, type Precision } from "./verdict.ts";

/** A part of the run that is recorded as one. */
export interface Job {
  /** What it does, for the progress bar. */
  readonly title: string;
  /** Does it, unless everything it would record is among `recorded` already. */
  run(recorded: readonly ReplayResult[]): Promise<ReplayResult[]>;
}

/** What a run covers. */
export interface RunPlan {
  /** Names of experiments. */
  readonly experiments: readonly string[];
  readonly backends: readonly BackendStatus[];
  /** Further seeds of the training experiment. */
  readonly seeds: number;
  /** Epochs of training; undefined: what suits the backend. */
  readonly epochs: number | undefined;
  /** Absent: experiments that need it are left out. */
  readonly data: NotebookData | undefined;
}

/** Epochs on a slow backend: those in which digits can be followed. */
const FEW_EPOCHS = 3;

/** Epochs that take a minute or less on a backend. */
function suitableEpochs({ speed = Speed.cpu }: BackendStatus): number {
  return speed < Speed.wasm ? FEW_EPOCHS : NOTEBOOK.epochs;
}

/** Everything that a run does, in order. */
export function planJobs(plan: RunPlan): Job[] {
  const chosen = EXPERIMENTS.filter(({ name }) => plan.experiments.includes(name));
  return chosen.flatMap((experiment) => jobsOf(experiment, plan));
}

function jobsOf(experiment: Experiment, plan: RunPlan): Job[] {
  const { name } = experiment;
  const { backends, data } = plan;
  switch (experiment.kind) {
    case "forward": {
      const tensors = backends.map((backend) => tensorArithmetic(backend.name));
      return [oracleArithmetic, ...tensors].map((arithmetic: Arithmetic) => ({
        title: `${name} ${arithmetic.name}`,
        run: async () => figureRecords(name, arithmetic.name, await experiment.measure(arithmetic)),
      }));
    }
    case "gradient":
      return [{
        title: name,
        run: async () => figureRecords(name, FLOAT64, await experiment.measure()),
      }];
    case "training":
      if (data === undefined) return [];
      return backends.flatMap((backend) => trainingJobs(name, backend, plan, data));
    case "questions":
      return data === undefined ? [] : [{ title: name, run: () => demonstrations(data.raw) }];
  }
}

/** A job for each training run on a backend, and one for the figures that follow from all of them. */
function trainingJobs(
  experiment: string,
  backend: BackendStatus,
  { seeds, epochs = suitableEpochs(backend) }: RunPlan,
  data: NotebookData,
): Job[] {
  const networks: readonly NotebookNetwork[] = ["batch norm", "plain"];
  const runs = Array.from({ length: 1 + seeds }, (_, i) => NOTEBOOK.seed + i).flatMap((seed) =>
    networks.map((network): Job => ({
      title: `${experiment} ${backend.name}, ${network}, seed ${seed}`,
      run: async (recorded) => {
        const known = runsOn(backend, recorded);
        if (known.some((run) => run.seed === seed && run.network === network)) return [];
        await useBackend(backend.name);
        const draws = drawAll(seed, data.features, data.train.count)[network];
        const log = await trainNet(network, draws, data, epochs);
        return [{
          kind: "notebook-run",
          schema: SCHEMA,
          backend: backend.name,
          network,
          seed,
          ...log,
        }];
      },
    }))
  );
  const figures: Job = {
    title: `${experiment} ${backend.name}, figures`,
    run: (recorded) => {
      const measurements = trainingFigures(runsOn(backend, recorded));
      const printed = measurements.filter(({ figure }) => PUBLISHED[experiment]![figure]);
      return Promise.resolve(figureRecords(experiment, backend.name, printed));
    },
  };
  return [...runs, figures];
}

function runsOn({ name }: BackendStatus, recorded: readonly ReplayResult[]): NotebookRunRecord[] {
  return recorded.filter((record): record is NotebookRunRecord =>
    record.kind === "notebook-run" && record.backend === name
  );
}

/** Joins measurements with what was published of them. */
export function figureRecords(
  experiment: string,
  backend: string,
  measurements: readonly Measurement[],
): FigureRecord[] {
  const precision: Precision = backend === FLOAT64 ? "float64" : "float32";
  return measurements.map(({ figure, values }) => {
    const expectation = PUBLISHED[experiment]![figure]!;
    const range = expectedRange(expectation, precision);
    return {
      kind: "figure",
      schema: SCHEMA,
      backend,
      experiment,
      figure,
      published: expectation.printed,
      ...(range && { range }),
      measured: values,
      ...judge(expectation, values, precision),
      ...(expectation.training && { training: expectation.training }),
    };
  });
}
