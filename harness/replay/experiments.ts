/**
 * The experiments of the notebook, and the jobs of a run: what is computed and recorded together.
 *
 * @module
 */
import { useBackend } from "../backend/active_backend.ts";
import { Speed } from "../backend/backend.ts";
import type { BackendStatus } from "../backend/registry.ts";
import { SCHEMA } from "../run/record.ts";
import { type Arithmetic, FLOAT64, oracleArithmetic, tensorArithmetic } from "./arithmetic.ts";
import { demonstrations } from "./demonstrations.ts";
import { batchNormStatistics, layerNormStatistics, testModeStatistics } from "./forward.ts";
import { gradientChecks, twoBackwardPasses } from "./gradients.ts";
import type { NotebookImages } from "./images.ts";
import { networkChecks } from "./network_check.ts";
import { type Printout, PUBLISHED } from "./published.ts";
import {
  NOTEBOOK,
  type NOTEBOOK_EXPERIMENTS,
  type NotebookNetwork,
  type NotebookRunRecord,
  type ReplayResult,
} from "./record.ts";
import { drawAll, trainingPrintouts, trainNetwork } from "./training.ts";
import { printoutRecords } from "./verdict.ts";

/** One experiment. */
export type Experiment =
  & { readonly name: keyof typeof NOTEBOOK_EXPERIMENTS }
  & (
    /** Forward passes, in float64 and on every backend. */
    | { readonly kind: "forward"; measure(arithmetic: Arithmetic): Promise<Printout[]> }
    /** Gradients, in float64 only. */
    | { readonly kind: "gradient"; measure(): Promise<Printout[]> }
    /** Training on CIFAR-10, on every backend. */
    | { readonly kind: "training" }
    /** Demonstrations on CIFAR-10, in float64. */
    | { readonly kind: "questions" }
  );

/** All of them, in the notebook's order. */
export const EXPERIMENTS: readonly Experiment[] = [
  { name: "N1", kind: "forward", measure: batchNormStatistics },
  { name: "N2", kind: "forward", measure: testModeStatistics },
  { name: "N3", kind: "gradient", measure: gradientChecks },
  { name: "N4", kind: "gradient", measure: twoBackwardPasses },
  { name: "N5", kind: "forward", measure: layerNormStatistics },
  { name: "N6", kind: "gradient", measure: networkChecks },
  { name: "N7", kind: "training" },
  { name: "N10", kind: "questions" },
];

/** A part of the run that is recorded at once. */
export interface Job {
  /** Text for the progress bar. */
  readonly title: string;
  /** Computes its records, without those that are among `recorded` already. */
  run(recorded: readonly ReplayResult[]): Promise<ReplayResult[]>;
}

/** What a run covers. */
export interface RunPlan {
  /** Names of experiments. */
  readonly experiments: readonly string[];
  readonly backends: readonly BackendStatus[];
  /** Number of further seeds of the training experiment; undefined: what suits the backend. */
  readonly seeds: number | undefined;
  /** Epochs of training; undefined: what suits the backend. */
  readonly epochs: number | undefined;
  /** Undefined: experiments that need images are left out. */
  readonly images?: NotebookImages | undefined;
}

/** Everything that a run does, in order. */
export function planJobs(plan: RunPlan): Job[] {
  const chosen = EXPERIMENTS.filter(({ name }) => plan.experiments.includes(name));
  return chosen.flatMap((experiment) => jobsOf(experiment, plan));
}

function jobsOf(experiment: Experiment, plan: RunPlan): Job[] {
  const { name } = experiment;
  const { backends, images } = plan;
  switch (experiment.kind) {
    case "forward": {
      const tensors = backends.map((backend) => tensorArithmetic(backend.name));
      return [oracleArithmetic, ...tensors].map((arithmetic: Arithmetic) => ({
        title: `${name} ${arithmetic.name}`,
        run: async () =>
          printoutRecords(name, arithmetic.name, await experiment.measure(arithmetic)),
      }));
    }
    case "gradient":
      return [{
        title: name,
        run: async () => printoutRecords(name, FLOAT64, await experiment.measure()),
      }];
    case "training":
      if (images === undefined) return [];
      return backends.flatMap((backend) => trainingJobs(name, backend, plan, images));
    case "questions":
      return images === undefined ? [] : [{ title: name, run: () => demonstrations(images.raw) }];
  }
}

/** Epochs on a slow backend: those in which digits can be compared. */
const FEW_EPOCHS = 3;

/** Further seeds on a fast backend: few, but an accuracy that is 15 points off is found. */
const FEW_SEEDS = 3;

/** Further seeds that take some ten seconds on a backend. */
function suitableSeeds({ speed = Speed.cpu }: BackendStatus): number {
  return speed < Speed.gpu ? 0 : FEW_SEEDS;
}

/** Epochs that take a minute or less on a backend. */
function suitableEpochs({ speed = Speed.cpu }: BackendStatus): number {
  return speed < Speed.wasm ? FEW_EPOCHS : NOTEBOOK.epochs;
}

/** A job for each training run on a backend, and one for the printouts that follow from all of them. */
function trainingJobs(
  experiment: string,
  backend: BackendStatus,
  { seeds = suitableSeeds(backend), epochs = suitableEpochs(backend) }: RunPlan,
  images: NotebookImages,
): Job[] {
  const networks: readonly NotebookNetwork[] = ["batch norm", "plain"];
  const runs = Array.from({ length: 1 + seeds }, (_, i) => NOTEBOOK.seed + i).flatMap((seed) =>
    networks.map((network): Job => ({
      title: `${experiment} ${backend.name}, ${network}, seed ${seed}`,
      run: async (recorded) => {
        const known = runsOn(backend, recorded);
        if (known.some((run) => run.seed === seed && run.network === network)) return [];
        await useBackend(backend.name);
        const draws = drawAll(seed, images.features, images.train.count)[network];
        const log = await trainNetwork(network, draws, images, epochs);
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
  const printouts: Job = {
    title: `${experiment} ${backend.name}, printed values`,
    run: (recorded) => {
      const known = trainingPrintouts(runsOn(backend, recorded))
        .filter(({ name }) => PUBLISHED[experiment]![name]);
      return Promise.resolve(printoutRecords(experiment, backend.name, known));
    },
  };
  return [...runs, printouts];
}

function runsOn({ name }: BackendStatus, recorded: readonly ReplayResult[]): NotebookRunRecord[] {
  return recorded.filter((record): record is NotebookRunRecord =>
    record.kind === "notebook-run" && record.backend === name
  );
}
