/**
 * Records of parity for tests: the reference run, and records built for what a test is about.
 *
 * @module
 */
import { join } from "node:path";
import { type Failure, type HeaderRecord, type MissingRecord, SCHEMA } from "../../run/record.ts";
import { readRecords } from "../../run/run_folder.ts";
import {
  type ErrorSummary,
  PARITY_KINDS,
  type ParityRecord,
  type ParityRunRecord,
  type QuantityRecord,
  type Verdict,
} from "../record.ts";

/** The text of an error with everything that a careless renderer stumbles over. */
export const AWKWARD_ERROR =
  "Cannot read properties of <undefined> (reading 'dtype') | at `Tensor<Rank>`\n  in *_layer_* & [co](x)";

/** The committed run of all norms on all backends. */
export function referenceRun(): ParityRunRecord[] {
  return readRecords(join(import.meta.dirname!, "../../../reports/reference/parity"), PARITY_KINDS);
}

export function parityHeader(
  { cpu = "Test processor", backends = ["cpu", "wasm", "webgpu"] }: {
    readonly cpu?: string;
    readonly backends?: readonly string[];
  } = {},
): HeaderRecord {
  return {
    kind: "header",
    schema: SCHEMA,
    task: "parity",
    environment: {
      normbench: "0.1.0",
      commit: "0123456789abcdef0123456789abcdef01234567-dirty",
      versions: { deno: "2.9.6", tfjs: "4.22.0" },
      platform: "linux x86_64",
      cpu,
      cores: 2,
    },
    backends: backends.map((name) => ({ name, version: "4.22.0", device: cpu, notes: [] })),
    options: { preset: "full", seed: 1, backends: [...backends] },
  };
}

export function missingBackend(name = "tensorflow"): MissingRecord {
  return {
    kind: "missing",
    schema: SCHEMA,
    what: "backend",
    name,
    reason: "no binding was found",
    remedy: "deno task setup",
  };
}

/** What a test says of a check; the rest is ordinary. */
export interface CheckChoices {
  readonly norm?: string;
  readonly contender?: string;
  readonly role?: ParityRecord["role"];
  readonly backend?: string;
  readonly id?: string;
  readonly about?: string;
  readonly offset?: number;
  /** Errors of `y` in budgets, half as large for `dx`; or the text of an error. */
  readonly error?: number | string;
  readonly budget?: number;
}

/** By how much the budget of any order of operations is larger than the careful one. */
const ANY_ORDER = 4;

/** A check of `y` and `dx`; the verdicts follow from the errors. */
export function parityRecord(choices: CheckChoices = {}): ParityRecord {
  const { norm = "layer", error = 0.4, budget = 1e-6, offset, role = "custom" } = choices;
  const half = typeof error === "string" ? error : error / 2;
  const y = quantityOf("y", error, budget);
  return {
    kind: "parity",
    schema: SCHEMA,
    norm,
    contender: choices.contender ?? (role === "custom" ? "composed" : "tf.layers"),
    role,
    backend: choices.backend ?? "cpu",
    case: {
      id: choices.id ?? `${norm}/plain`,
      about: choices.about ?? "ordinary input",
      shape: [32, 64],
      options: { axis: -1, epsilon: 1e-3 },
      input: `normal(${offset ?? 0}, 1)`,
      ...(offset !== undefined && { offset }),
      steps: 1,
      seed: 7,
    },
    reductionLength: 64,
    kappa: offset ?? 1,
    quantities: [y, { ...quantityOf("dx", half, budget), upstream: "normal(0, 1)" }],
    ratio: typeof error === "string" ? Infinity : error,
    verdict: y.verdict,
  };
}

/** A check of a reference. */
export function referenceRecord(choices: CheckChoices = {}): ParityRecord {
  return parityRecord({ error: 0.5, role: "reference", ...choices });
}

export function errorOf(ratio: number, budget = 1e-6): ErrorSummary {
  const expected = 1.25;
  const error = ratio * budget;
  return {
    maxAbsolute: error,
    meanAbsolute: error / 5,
    maxRelative: error / expected,
    meanRelative: error / expected / 5,
    maxUlp: error / 2 ** -23,
    meanUlp: error / 2 ** -23 / 5,
    ratio,
    anyOrderRatio: ratio / ANY_ORDER,
    worst: { index: [3, 17], got: expected + error, expected, budget },
  };
}

function verdictOf(error: number | string): Verdict {
  if (typeof error === "string") return "cannot run";
  if (error <= 1) return "right";
  return error <= ANY_ORDER ? "loses digits" : "wrong";
}

function quantityOf(name: string, error: number | string, budget: number): QuantityRecord {
  return {
    name,
    shape: [32, 64],
    answer: typeof error === "string" ? { error } satisfies Failure : errorOf(error, budget),
    verdict: verdictOf(error),
    budgetUlp: 8,
  };
}
