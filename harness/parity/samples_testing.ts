/**
 * Fabricated records for tests: the shape of a real run, with every kind of finding in it.
 *
 * @module
 */
import { SCHEMA } from "../run/record.ts";
import type { ParityRunRecord } from "./record.ts";
import type { HeaderRecord, MissingRecord } from "../run/record.ts";
import type { Failure } from "../run/record.ts";
import type { CaseRecord, ErrorSummary, ParityRecord, QuantityRecord, Verdict } from "./record.ts";

const NORMS = ["batch", "layer", "weight", "group", "instance", "rms"] as const;
const IMPLEMENTATIONS = ["composed", "analytic", "fused"] as const;
const BACKENDS = ["cpu", "wasm", "webgpu"] as const;
const OFFSETS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6] as const;

/** The kinds of input that every norm is tried on, beside those with an offset. */
const ORDINARY = [
  ["plain", "ordinary input"],
  ["prime", "prime sizes"],
  ["one-row", "a batch of one"],
  ["wide", "more features than rows"],
  ["rank-3", "rank 3"],
  ["rank-5", "rank 5"],
  ["channels-first", "channels first"],
  ["no-scale", "no gamma"],
  ["no-center", "no beta"],
  ["axis-2-1", "two axes, out of order"],
  ["constant", "a group whose elements are all the same"],
  ["huge", "values near 1e30"],
  ["fashion-mnist", "activations of a small CNN on real images"],
] as const;

/** Error text with everything that a careless renderer stumbles over. */
export const AWKWARD_ERROR =
  "Cannot read properties of <undefined> (reading 'dtype') | at `Tensor<Rank>`\n  in *_layer_* & [co](x)";

/** What stands in place of the ordinary in {@linkcode sampleHeader}. */
export interface HeaderChoices {
  readonly cpu?: string;
  readonly backends?: readonly string[];
}

/** A header of a run on a two-core machine. */
export function sampleHeader(
  { cpu = "Example Xeon 8280", backends = BACKENDS }: HeaderChoices = {},
): HeaderRecord {
  return {
    kind: "header",
    schema: SCHEMA,
    task: "parity",
    environment: {
      normbench: "0.1.0",
      commit: "0123456789abcdef0123456789abcdef01234567-dirty",
      versions: { deno: "2.9.6", v8: "15.0.245.2", tfjs: "4.22.0" },
      platform: "linux x86_64",
      cpu,
      cores: 2,
    },
    backends: backends.map((name) => ({
      name,
      version: "4.22.0",
      device: name === "webgpu" ? "llvmpipe (LLVM 15)" : cpu,
      notes: name === "wasm" ? ["SIMD", "3 kernels repaired"] : [],
    })),
    options: { preset: "full", seed: 1, norm: [...NORMS] },
  };
}

/** A backend that was wanted and not found. */
export function sampleMissing(name = "tensorflow"): MissingRecord {
  return {
    kind: "missing",
    schema: SCHEMA,
    what: "backend",
    name,
    reason: "no binding was found",
    remedy: "deno task setup",
  };
}

/** ErrorSummary of a float32 tensor whose error is `ratio` budgets of `budget`. */
export function sampleError(ratio: number, budget = 1e-6): ErrorSummary {
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

/** What {@linkcode sampleComparison} is told. */
export interface ComparisonChoices {
  readonly norm?: string;
  readonly implementation?: string;
  readonly backend?: string;
  readonly reference?: string;
  readonly id?: string;
  readonly about?: string;
  readonly offset?: number;
  /** Errors in budgets, or the text of an error. */
  readonly custom?: number | string;
  readonly referenced?: number | string;
  readonly budget?: number;
}

/** One comparison of `y` and `dx`; the verdicts follow from the figures. */
export function sampleComparison(choices: ComparisonChoices = {}): ParityRecord {
  const { norm = "layer", custom = 0.4, referenced = 0.5, budget = 1e-6 } = choices;
  const quantities = ["y", "dx"].map((name, index) =>
    sampleQuantity(name, scaled(custom, 1 - index / 2), scaled(referenced, 1 - index / 2), budget)
  );
  return {
    kind: "parity",
    schema: SCHEMA,
    norm,
    implementation: choices.implementation ?? "composed",
    backend: choices.backend ?? "cpu",
    reference: choices.reference ?? "tf.layers",
    case: sampleCase(
      choices.id ?? `${norm}/plain`,
      choices.about ?? "ordinary input",
      choices.offset,
    ),
    reductionLength: 64,
    kappa: choices.offset ?? 1,
    quantities,
    ratio: typeof custom === "string" ? Infinity : custom,
    verdict: quantities[0]?.verdict ?? "agree",
  };
}

function scaled(ratio: number | string, factor: number): number | string {
  return typeof ratio === "string" ? ratio : ratio * factor;
}

function sampleCase(id: string, about: string, offset: number | undefined): CaseRecord {
  return {
    id,
    about,
    shape: [32, 64],
    options: { axis: -1, epsilon: 1e-3 },
    input: `normal(${offset ?? 0}, 1)`,
    ...(offset !== undefined && { offset }),
    steps: 1,
    seed: 7,
  };
}

function sampleQuantity(
  name: string,
  custom: number | string,
  reference: number | string,
  budget: number,
): QuantityRecord {
  const answers = typeof custom === "number" && typeof reference === "number";
  return {
    name,
    shape: [32, 64],
    custom: sampleAnswer(custom, budget),
    reference: sampleAnswer(reference, budget),
    difference: answers ? sampleError(Math.abs(custom - reference), budget) : null,
    verdict: sampleVerdict(custom, reference),
  };
}

function sampleAnswer(answer: number | string, budget: number): ErrorSummary | Failure {
  return typeof answer === "string" ? { error: answer } : sampleError(answer, budget);
}

function sampleVerdict(custom: number | string, reference: number | string): Verdict {
  const wrong = (answer: number | string) => typeof answer === "string" || !(answer <= 1);
  if (wrong(custom)) {
    return typeof reference === "number" && wrong(reference) ? "both off" : "custom wrong";
  }
  if (typeof reference === "string") return "reference cannot";
  return wrong(reference) ? "reference wrong" : "agree";
}

/** A whole run: 6 norms x 3 implementations x 3 backends x 20 cases, 1080 comparisons. */
export function sampleRun(): ParityRunRecord[] {
  const comparisons = NORMS.flatMap((norm) =>
    IMPLEMENTATIONS.flatMap((implementation) =>
      BACKENDS.flatMap((backend) => sampleSweep(norm, implementation, backend))
    )
  );
  return [sampleHeader(), sampleMissing(), ...comparisons];
}

function sampleSweep(norm: string, implementation: string, backend: string): ParityRecord[] {
  const at = { norm, implementation, backend };
  // Spreads the ratios as a real run does, the same way every time.
  const spread = (index: number) =>
    0.04 +
    0.9 * Math.abs(Math.sin(12.9 * index + 7.7 * (implementation + backend).length + norm.length));
  const ordinary = ORDINARY.map(([name, about], index) =>
    sampleComparison({
      ...at,
      id: `${norm}/${name}`,
      about,
      custom: name === "constant" ? 0 : sampleFault(at, name) ?? spread(index),
      referenced: sampleDefect(norm, name) ?? spread(index + 0.3),
    })
  );
  const offsets = OFFSETS.map((offset, index) =>
    sampleComparison({
      ...at,
      id: `${norm}/offset-${offset.toExponential().replace("+", "")}`,
      about: `mean ${offset} spreads from 0`,
      offset,
      budget: 1e-6 * offset,
      custom: spread(index + 20),
      referenced: offset >= 1e3 && norm !== "weight" ? offset ** 1.3 / 500 : spread(index + 21),
    })
  );
  return [...ordinary, ...offsets];
}

/** Where the custom norm of the sample is wrong. */
function sampleFault(
  { norm, implementation, backend }: Record<string, string>,
  name: string,
): number | undefined {
  if (norm === "batch" && implementation === "analytic" && name === "prime") return 41.3;
  if (norm === "instance" && backend === "webgpu" && name === "one-row") return Infinity;
  return undefined;
}

/** Where the reference of the sample is wrong, or cannot run. */
function sampleDefect(norm: string, name: string): number | string | undefined {
  if (name === "no-scale" || name === "no-center") return AWKWARD_ERROR;
  if (norm === "layer" && name === "axis-2-1") return 3.1e5;
  if (norm === "batch" && name === "rank-5") {
    return "batchNormalization is not implemented for rank 5";
  }
  if (name === "huge") return Infinity;
  return undefined;
}
