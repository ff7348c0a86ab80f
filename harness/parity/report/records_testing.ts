/**
 * Records of parity for tests: the reference run, and records built for what a test is about.
 *
 * @module
 */
import { join } from "node:path";
import { type Failure, type HeaderRecord, type MissingRecord, SCHEMA } from "../../run/record.ts";
import { readRecords } from "../../run/run_folder.ts";
import { judge } from "../compare.ts";
import {
  type ErrorSummary,
  PARITY_KINDS,
  type ParityRecord,
  type ParityRunRecord,
  type QuantityRecord,
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

/** What a test says of a comparison; the rest is ordinary. */
export interface ComparisonChoices {
  readonly norm?: string;
  readonly implementation?: string;
  readonly backend?: string;
  readonly reference?: string;
  readonly id?: string;
  readonly about?: string;
  readonly offset?: number;
  /** Errors of `y` in budgets, half as large for `dx`; or the text of an error. */
  readonly custom?: number | string;
  readonly referenced?: number | string;
  readonly budget?: number;
}

/** A comparison of `y` and `dx`; the verdicts follow from the errors. */
export function parityRecord(choices: ComparisonChoices = {}): ParityRecord {
  const { norm = "layer", custom = 0.4, referenced = 0.5, budget = 1e-6, offset } = choices;
  const quantities = [quantityOf("y", custom, referenced, budget)];
  quantities.push(quantityOf("dx", halved(custom), halved(referenced), budget));
  return {
    kind: "parity",
    schema: SCHEMA,
    norm,
    implementation: choices.implementation ?? "composed",
    backend: choices.backend ?? "cpu",
    reference: choices.reference ?? "tf.layers",
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
    quantities,
    ratio: typeof custom === "string" ? Infinity : custom,
    verdict: quantities[0]!.verdict,
  };
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
    worst: { index: [3, 17], got: expected + error, expected, budget },
  };
}

function halved(ratio: number | string): number | string {
  return typeof ratio === "string" ? ratio : ratio / 2;
}

function quantityOf(
  name: string,
  custom: number | string,
  referenced: number | string,
  budget: number,
): QuantityRecord {
  const answerOf = (answer: number | string): ErrorSummary | Failure =>
    typeof answer === "string" ? { error: answer } : errorOf(answer, budget);
  return {
    name,
    shape: [32, 64],
    custom: answerOf(custom),
    reference: answerOf(referenced),
    difference: typeof custom === "number" && typeof referenced === "number"
      ? errorOf(Math.abs(custom - referenced), budget)
      : null,
    verdict: judge(answerOf(custom), answerOf(referenced)),
  };
}
