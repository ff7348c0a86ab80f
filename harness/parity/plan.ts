/**
 * Which cases a run consists of: those of the norms, golden recordings, and repaired kernels.
 *
 * @module
 */
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import type { NpyArray } from "../../fixtures/golden/npz.ts";
import {
  float32,
  goldenCases,
  type ReadGolden,
  type Recording,
} from "../../fixtures/golden/recordings.ts";
import {
  operationCases,
  parityCases,
  type Preset,
  realCaseIds,
  type RealInputs,
} from "../../fixtures/parity_cases.ts";
import { realInputs } from "../../fixtures/real_inputs.ts";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import { normByName } from "../../norms/registry.ts";
import { type BackendName, BACKENDS } from "../backend/registry.ts";
import { printEvents } from "../data/dataset_source.ts";
import { loadFashionMnist } from "../data/fashion_mnist.ts";
import { type MissingRecord, missingRecord } from "../run/record.ts";
import { fileAddress } from "../run/runtime.ts";
import { type Custom, customPlans, generatedPlans, type NormCase } from "./custom_plan.ts";
import type { Answers } from "./evaluate.ts";
import { gradientName, PREDICTION } from "./expect.ts";
import type { Counterexample } from "./record.ts";
import { type CasePlan, functionSubjects, ownImplementations } from "./run_case.ts";

interface Wanted {
  /** Names of norms, {@linkcode KERNELS} among them. */
  readonly norm: readonly string[];
  /** Texts of which an id must contain one; empty for all cases. */
  readonly case: readonly string[];
  readonly preset: Preset;
  /** Cases of every norm that are drawn; default 0. */
  readonly generate?: number;
  /** What every case that is drawn follows from. */
  readonly seed: number;
}

/**
 * The cases that the user wants, golden ones last within their norm, and kernels after all norms.
 *
 * @param customs Custom norms that are judged in place of our own; left out, ours and the kernels.
 * @param kept What earlier runs found of them.
 */
export async function planCases(
  wanted: Wanted,
  backends: readonly BackendName[],
  real: RealInputs | undefined,
  customs?: readonly Custom[],
  kept: readonly Counterexample[] = [],
): Promise<CasePlan[]> {
  const golden = await goldenPlans();
  const casesOf = (norm: Operation): NormCase[] => [
    ...operationCases(norm, wanted.preset, real).map((parityCase) => ({ parityCase })),
    ...golden.filter((plan) => plan.norm === norm),
  ];
  const ours = () =>
    wanted.norm.filter((name) => name !== KERNELS).map(normByName).flatMap((norm) =>
      [...casesOf(norm), ...generatedPlans(norm, wanted)]
        .map((normCase) => ({ ...ownImplementations(norm), ...normCase }))
    );
  const kernels = customs === undefined && wanted.norm.includes(KERNELS);
  const plans = [
    ...customs === undefined ? ours() : customPlans(customs, casesOf, { ...wanted, kept }),
    ...kernels ? await kernelPlans(wanted.preset, backends) : [],
  ];
  return plans.filter(({ parityCase: { id } }) => isWanted(id, wanted));
}

function isWanted(id: string, { case: texts }: Pick<Wanted, "case">): boolean {
  return texts.length === 0 || texts.some((text) => id.includes(text));
}

export function nothingToRun(
  wanted: Wanted,
  backends: readonly BackendName[],
  customs?: readonly Custom[],
): UsageError {
  const onlyKernels = customs === undefined && wanted.norm.every((name) => name === KERNELS);
  const repaired = REPAIRED.map(({ name }) => name);
  return new UsageError(
    onlyKernels && !repaired.some((name) => backends.includes(name))
      ? `The kernels are those of ${repaired}. Add ${repaired} to --backend.`
      : `No case has an id that contains ${wanted.case.join(" or ")}.`,
  );
}

const REPAIRED = BACKENDS.filter((backend) => backend.repairedOperations !== undefined);

/** The repaired kernels of those of `backends` that have some, compared with the stock ones. */
export async function kernelPlans(
  preset: Preset,
  backends: readonly BackendName[],
): Promise<CasePlan[]> {
  const plans: CasePlan[] = [];
  for (const { name: backend, repairedOperations } of REPAIRED) {
    if (!backends.includes(backend)) continue;
    const norm = await repairedOperations!();
    const { references } = norm;
    const contenders = { norm, subjects: functionSubjects(norm), references, backends: [backend] };
    plans.push(
      ...parityCases(KERNELS, preset).map((parityCase) => ({ ...contenders, parityCase })),
    );
  }
  return plans;
}

/** Reads a golden file from where this module lies: on the disk, or on a server. */
const fetchGolden: ReadGolden = async (name) => {
  const response = await fetch(fileAddress(`fixtures/golden/${name}`));
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

/**
 * A case for every recording, with the framework that made it as the only reference.
 *
 * @throws {MissingError} If a golden file cannot be read or is damaged.
 */
export async function goldenPlans(): Promise<CasePlan[]> {
  return (await goldenCases(fetchGolden)).map(({ parityCase, recording }) => ({
    ...ownImplementations(normByName(recording.norm)),
    references: {},
    backendReferences: () => ({}),
    recordings: { [recording.framework]: recordedAnswers(recording) },
    parityCase,
  }));
}

/** What a recording answers: `y` and gradients of the first step, states of the last, a prediction. */
function recordedAnswers({ steps, prediction }: Recording): Answers {
  const { outputs, gradients } = steps[0]!;
  const values = (arrays: Readonly<Record<string, NpyArray>>) =>
    Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, float32(array)]));
  const byQuantity = Object.entries(gradients).map(([name, each]) => [gradientName(name), each]);
  return {
    outputs: values({
      ...steps.at(-1)!.outputs,
      y: outputs["y"]!,
      ...(prediction && { [PREDICTION]: prediction }),
    }),
    gradients: [values(Object.fromEntries(byQuantity))],
  };
}

/** Images behind the cases with real inputs. */
const REAL_IMAGES = 16;

/** What a network makes of Fashion-MNIST, or the record that says why there is none. */
export async function findRealInputs(
  wanted: Wanted,
  seed: number,
  dataDir: string | undefined,
): Promise<{ real?: RealInputs; missing: MissingRecord[] }> {
  const ids = wanted.norm.flatMap(realCaseIds);
  if (!ids.some((id) => isWanted(id, wanted))) return { missing: [] };
  try {
    const { train } = await loadFashionMnist({
      train: REAL_IMAGES,
      test: 0,
      onEvent: printEvents(),
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    return { real: realInputs(train, seed), missing: [] };
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    const { message: reason, remedy } = error;
    return { missing: [missingRecord("data", "fashion-mnist", { reason, remedy })] };
  }
}
