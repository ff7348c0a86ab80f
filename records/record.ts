/**
 * Records: the only truth of a run.
 *
 * A task appends typed records to `records.jsonl`, one JSON object a line, after a header record that
 * holds the environment. Reports are rendered from records alone. Runs from several machines merge by
 * concatenation, because every record names its case, implementation and backend, and the header
 * before it names the machine.
 *
 * JSON has no NaN and no infinity; both are findings here, so they are written as the strings `"NaN"`,
 * `"Infinity"` and `"-Infinity"` and read back as numbers.
 *
 * @module
 */

/** The version of the record schema; readers refuse any other. */
export const SCHEMA = 1;

/**
 * Who is wrong, where a custom norm, a reference and the float64 oracle are compared.
 *
 * | verdict | custom | reference |
 * |---|---|---|
 * | `agree` | within budget | within budget |
 * | `custom wrong` | outside | within budget, or could not run |
 * | `reference wrong` | within budget | outside |
 * | `both off` | outside | outside |
 * | `reference cannot` | within budget | threw an error, or does not exist |
 */
export type Verdict =
  | "agree"
  | "custom wrong"
  | "reference wrong"
  | "both off"
  | "reference cannot";

/** Every verdict, the gravest first. */
export const VERDICTS: readonly Verdict[] = [
  "custom wrong",
  "both off",
  "reference wrong",
  "reference cannot",
  "agree",
];

/** Whether a verdict says that the custom norm is outside its error budget. */
export function blamesCustom(verdict: Verdict): boolean {
  return verdict === "custom wrong" || verdict === "both off";
}

/** Where and on what a run was made. */
export interface Environment {
  /** Version of Normbench. */
  readonly normbench: string;
  /** Git commit of the checkout, `-dirty` appended when it had changes; `null` outside a checkout. */
  readonly commit: string | null;
  /** Versions of what ran: `deno`, `v8`, `tfjs` and the like. */
  readonly versions: Readonly<Record<string, string>>;
  /** Operating system and architecture, such as `linux x86_64`. */
  readonly platform: string;
  /** Processor model. */
  readonly cpu: string;
  /** Logical processors. */
  readonly cores: number;
}

/** A backend that took part in a run. */
export interface BackendDescription {
  /** Name as on the command line: `cpu`, `wasm`, `wasm-stock`, `webgpu`, `tensorflow`. */
  readonly name: string;
  /** Version of the package that provides it. */
  readonly version: string;
  /** What it runs on: a processor, a graphics adapter. */
  readonly device: string;
  /** Whatever else the figures depend on: SIMD, repaired kernels, raised limits. */
  readonly notes: readonly string[];
}

/** The part of a backend's status that records hold. */
export function describeBackend(
  { name, version, device, notes }: BackendDescription,
): BackendDescription {
  return { name, version, device, notes };
}

/** The first record of a run. */
export interface HeaderRecord {
  /** Tells a header from other records. */
  readonly kind: "header";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** The task that ran: `parity`. */
  readonly task: string;
  /** Where the run was made. */
  readonly environment: Environment;
  /** The backends that took part. */
  readonly backends: readonly BackendDescription[];
  /** The options of the run, defaults filled in; what `--resume` compares. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Something the run wanted and did not find, so that it is not complete. */
export interface MissingRecord {
  /** Tells a missing thing from other records. */
  readonly kind: "missing";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** `backend` or `data`. */
  readonly what: "backend" | "data";
  /** Which one. */
  readonly name: string;
  /** Why it is thought to be missing. */
  readonly reason: string;
  /** What the user can do about it. */
  readonly remedy: string;
}

/** The element at which `|got - expected| / budget` is largest. */
export interface Worst {
  /** Multi-dimensional index. */
  readonly index: readonly number[];
  /** What was computed. */
  readonly got: number;
  /** What should have been. */
  readonly expected: number;
  /** The absolute error that the derived budget allows at this element. */
  readonly budget: number;
}

/** How far one tensor is from what was expected of it. */
export interface Figures {
  /** max |got - expected|. */
  readonly maxAbsolute: number;
  /** mean |got - expected|. */
  readonly meanAbsolute: number;
  /** max |got - expected| / |expected|, over the elements where expected is not 0. */
  readonly maxRelative: number;
  /** mean |got - expected| / |expected|, over the same elements. */
  readonly meanRelative: number;
  /** Error in units in the last place of the expected value rounded to float32. */
  readonly maxUlp: number;
  /** The mean of the same. */
  readonly meanUlp: number;
  /** max |got - expected| / budget; at most 1 is within budget, infinite where a NaN was found. */
  readonly ratio: number;
  /** The element with that ratio. */
  readonly worst: Worst;
}

/** A reference, or a custom norm, that threw instead of answering. */
export interface Failure {
  /** The text of its error. */
  readonly error: string;
}

/** One tensor of a case: `y`, `dx`, `dgamma`, `movingMean` and the like. */
export interface QuantityRecord {
  /** Name, `d` before that of an input for its gradient. */
  readonly name: string;
  /** Lengths of its axes. */
  readonly shape: readonly number[];
  /** Custom norm against the float64 oracle. */
  readonly custom: Figures | Failure;
  /** Reference against the float64 oracle. */
  readonly reference: Figures | Failure;
  /** Custom norm against the reference; `null` where one of them has no answer. */
  readonly difference: Figures | null;
  /** Who is wrong about it. */
  readonly verdict: Verdict;
}

/** What a case is made of: enough to make its inputs again. */
export interface CaseRecord {
  /** Unique name, such as `layer/axis-2-1`. */
  readonly id: string;
  /** What the case is there to show, in a few words. */
  readonly about: string;
  /** Shape of the data. */
  readonly shape: readonly number[];
  /** The norm's options, as given. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Input distribution in words, such as `normal(1000, 1)`. */
  readonly input: string;
  /** Mean offset of the input in units of its spread, where the case sweeps one. */
  readonly offset?: number;
  /** Training steps over which running statistics are followed. */
  readonly steps: number;
  /** Every random number of the case follows from it. */
  readonly seed: number;
}

/** One case, run through one implementation and held against one reference on one backend. */
export interface ParityRecord {
  /** Tells a comparison from other records. */
  readonly kind: "parity";
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Registry name of the norm: `batch`, `layer`, `weight` … */
  readonly norm: string;
  /** `composed`, `analytic` … or the name a user gave. */
  readonly implementation: string;
  /** Name of the backend that ran. */
  readonly backend: string;
  /** `tf.layers` … */
  readonly reference: string;
  /** The case. */
  readonly case: CaseRecord;
  /** Elements that each statistic is taken over. */
  readonly reductionLength: number;
  /** Largest condition number sqrt(1 + mean^2 / variance) over the groups; infinite for a constant group. */
  readonly kappa: number;
  /** What was compared, tensor by tensor. */
  readonly quantities: readonly QuantityRecord[];
  /** The largest custom ratio over the quantities. */
  readonly ratio: number;
  /** The gravest verdict over the quantities. */
  readonly verdict: Verdict;
}

/** Any line of a `records.jsonl`. */
export type NormbenchRecord = HeaderRecord | MissingRecord | ParityRecord;

/** Whether `value` holds figures, and not the text of an error. */
export function hasFigures(value: Figures | Failure): value is Figures {
  return "ratio" in value;
}
