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
  type StudyRunRecord,
} from "./record.ts";
import { type Preset, runStudy } from "./studies.ts";
import { DEEP_ROUND, drawRounds, trainingPrintouts, trainNetwork } from "./training.ts";
import { printoutRecords } from "./verdict.ts";

type Name = keyof typeof NOTEBOOK_EXPERIMENTS;

/** One experiment. */
export type Experiment =
  /** Forward passes, in float64 and on every backend. */
  | {
    readonly kind: "forward";
    readonly name: Name;
    measure(arithmetic: Arithmetic): Promise<Printout[]>;
  }
  /** Gradients, in float64 only. */
  | { readonly kind: "gradient"; readonly name: Name; measure(): Promise<Printout[]> }
  /** Training on CIFAR-10, on every backend. */
  | { readonly kind: "training"; readonly name: Name }
  /** Training without printed figures, on backends that are fast enough. */
  | { readonly kind: "study"; readonly name: StudyRunRecord["experiment"] };

/** All of them, in the notebook's order. */
export const EXPERIMENTS: readonly Experiment[] = [
  { name: "N1", kind: "forward", measure: batchNormStatistics },
  { name: "N2", kind: "forward", measure: testModeStatistics },
  { name: "N3", kind: "gradient", measure: gradientChecks },
  { name: "N4", kind: "gradient", measure: twoBackwardPasses },
  { name: "N5", kind: "forward", measure: layerNormStatistics },
  { name: "N6", kind: "gradient", measure: networkChecks },
  { name: "N7", kind: "training" },
  { name: "N8", kind: "study" },
  { name: "N9", kind: "study" },
  { name: "N10", kind: "study" },
];

/** A part of the run. */
export interface Job {
  /** Text for the progress bar. */
  readonly title: string;
  /** Computes its records, one by one, without those that are among `recorded` already. */
  run(recorded: readonly ReplayResult[]): AsyncIterable<ReplayResult>;
}

/** Seeds after the notebook's own, for N7 and for the studies. */
const FURTHER_SEEDS: Readonly<Record<Preset, Readonly<Record<"training" | "study", number>>>> = {
  quick: { training: 3, study: 0 },
  standard: { training: 14, study: 9 },
};

/** What a run covers. */
export interface RunPlan {
  /** Names of experiments. */
  readonly experiments: readonly string[];
  readonly backends: readonly BackendStatus[];
  readonly preset: Preset;
  /** Number of further seeds of every training; undefined: the preset's, where the backend is fast enough. */
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
  const { backends, images } = plan;
  const { name } = experiment;
  switch (experiment.kind) {
    case "forward": {
      const tensors = backends.map((backend) => tensorArithmetic(backend.name));
      return [oracleArithmetic, ...tensors].map((arithmetic: Arithmetic) => ({
        title: `${name} ${arithmetic.name}`,
        run: async function* () {
          yield* printoutRecords(name, arithmetic.name, await experiment.measure(arithmetic));
        },
      }));
    }
    case "gradient":
      return [{
        title: name,
        run: async function* () {
          yield* printoutRecords(name, FLOAT64, await experiment.measure());
        },
      }];
    case "training":
      if (images === undefined) return [];
      return backends.flatMap((backend) => trainingJobs(name, backend, plan, images));
    case "study":
      if (images === undefined) return [];
      return [
        ...(name === "N10" ? [demonstrationJob(name, images)] : []),
        ...backends.flatMap((backend) => studyJobs(experiment.name, backend, plan, images)),
      ];
  }
}

function demonstrationJob(title: string, { raw }: NotebookImages): Job {
  return {
    title,
    run: async function* () {
      yield* await demonstrations(raw);
    },
  };
}

/** Epochs on a slow backend: those in which digits can be compared. */
const FEW_EPOCHS = 3;

/** Epochs that take a minute or less on a backend. */
function suitableEpochs({ speed = Speed.cpu }: BackendStatus): number {
  return speed < Speed.wasm ? FEW_EPOCHS : NOTEBOOK.epochs;
}

/** Whether hundreds of training runs take a minute on a backend, and not an hour. */
function isFast({ speed = Speed.cpu }: BackendStatus): boolean {
  return speed >= Speed.gpu;
}

/** The notebook's seed, and those after it. */
function seedsFrom(further: number): number[] {
  return Array.from({ length: 1 + further }, (_, i) => NOTEBOOK.seed + i);
}

/** A job for each training run on a backend, and one for the printouts that follow from all of them. */
function trainingJobs(
  experiment: string,
  backend: BackendStatus,
  { preset, seeds, epochs = suitableEpochs(backend) }: RunPlan,
  images: NotebookImages,
): Job[] {
  const further = seeds ?? (isFast(backend) ? FURTHER_SEEDS[preset].training : 0);
  const runs = seedsFrom(further).map((seed): Job => ({
    title: `${experiment} ${backend.name}, seed ${seed}`,
    async *run(recorded) {
      const known = runsOn(backend, recorded).filter((run) => run.seed === seed);
      if (known.length === DEEP_ROUND.length) return;
      await useBackend(backend.name);
      for (const { training, draws } of drawRounds(seed, [DEEP_ROUND], images)) {
        const network = training.network as NotebookNetwork;
        if (known.some((run) => run.network === network)) continue;
        const log = await trainNetwork(training, draws, images, epochs);
        yield {
          kind: "notebook-run",
          schema: SCHEMA,
          backend: backend.name,
          network,
          seed,
          ...log,
        };
      }
    },
  }));
  const printouts: Job = {
    title: `${experiment} ${backend.name}, printed values`,
    async *run(recorded) {
      const known = trainingPrintouts(runsOn(backend, recorded))
        .filter(({ name }) => PUBLISHED[experiment]![name]);
      yield* printoutRecords(experiment, backend.name, known);
    },
  };
  return [...runs, printouts];
}

/** A job for each seed of a study on a backend; none on a slow one, unless a number of seeds is asked for. */
function studyJobs(
  experiment: StudyRunRecord["experiment"],
  backend: BackendStatus,
  { preset, seeds, epochs = NOTEBOOK.epochs }: RunPlan,
  images: NotebookImages,
): Job[] {
  if (seeds === undefined && !isFast(backend)) return [];
  return seedsFrom(seeds ?? FURTHER_SEEDS[preset].study).map((seed) => ({
    title: `${experiment} ${backend.name}, seed ${seed}`,
    async *run(recorded) {
      const known = recorded.filter((record) => record.kind === "study-run");
      await useBackend(backend.name);
      yield* runStudy({ experiment, preset, seed, epochs, images, backend: backend.name }, known);
    },
  }));
}

function runsOn({ name }: BackendStatus, recorded: readonly ReplayResult[]): NotebookRunRecord[] {
  return recorded.filter((record): record is NotebookRunRecord =>
    record.kind === "notebook-run" && record.backend === name
  );
}
