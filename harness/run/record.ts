/**
 * Records: the only truth of a run.
 *
 * A task appends typed records to `records.jsonl`, one JSON object a line, after a header record that
 * holds the environment. Reports are rendered from records alone. Runs of several machines merge by
 * concatenation, because every record names its case, implementation and backend, and the header
 * before it names the machine.
 *
 * JSON has no NaN and no infinity; both are findings here, so they are written as the strings `"NaN"`,
 * `"Infinity"` and `"-Infinity"` and read back as numbers.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";

export { z };

/** Version of the record schema; readers refuse any other. */
export const SCHEMA = 1;

/** A type whose properties cannot be assigned, at any depth. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** What a schema reads. */
export type Read<S extends z.ZodType> = Frozen<z.infer<S>>;

const NON_FINITE: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity"]);

function revive(value: unknown): unknown {
  return NON_FINITE.has(value) ? Number(value) : value;
}

function reviveDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveDeep);
  if (typeof value !== "object" || value === null) return revive(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, reviveDeep(each)]));
}

/** A measured number; unlike zod's own, it may be NaN or infinite. */
export const measured = z.preprocess(
  revive,
  z.custom<number>((value) => typeof value === "number", "expected a number"),
);

/** Lengths of a tensor's axes. */
export const shape = z.array(z.int().nonnegative());

/** Any text. */
export const text = z.string();

/** Options of a norm, whose types only the norm knows. */
export const normOptions = z.record(text, z.unknown().transform(reviveDeep));

/** The error of something that threw. */
export const failure = z.object({ error: text });

/** The error of something that threw. */
export type Failure = Read<typeof failure>;

const header = z.object({
  kind: z.literal("header"),
  schema: z.literal(SCHEMA),
  /** The task that ran: `parity`, `train` … */
  task: text,
  environment: z.object({
    /** Version of Normbench. */
    normbench: text,
    /** Git commit of the checkout, `-dirty` appended when it had changes; `null` outside a checkout. */
    commit: text.nullable(),
    /** Versions of what ran: `deno`, `v8`, `tfjs` and the like. */
    versions: z.record(text, text),
    /** Operating system and architecture, such as `linux x86_64`. */
    platform: text,
    /** Processor model. */
    cpu: text,
    /** Logical processors. */
    cores: z.number(),
  }),
  /** The backends of the run. */
  backends: z.array(z.object({
    /** Name as on the command line. */
    name: text,
    /** Version of the package that provides it. */
    version: text,
    /** What it runs on: a processor, a graphics adapter. */
    device: text,
    /** What else the results depend on: SIMD, repaired kernels, raised limits. */
    notes: z.array(text),
  })),
  /** The options of the run with defaults, which `--resume` compares. */
  options: z.record(text, z.union([text, z.number(), z.boolean(), z.array(text)])),
});

/** The first record of a run. */
export type HeaderRecord = Read<typeof header>;

/** The machine and the versions of a run. */
export type Environment = HeaderRecord["environment"];

/** A backend of a run. */
export type BackendDescription = HeaderRecord["backends"][number];

const missing = z.object({
  kind: z.literal("missing"),
  schema: z.literal(SCHEMA),
  what: z.enum(["backend", "data", "framework"]),
  name: text,
  reason: text,
  /** What to do about it. */
  remedy: text,
});

/** A backend, data or a framework that the run needed and did not find, so that it is incomplete. */
export type MissingRecord = Read<typeof missing>;

/** The common fields of results, which a run computes on a backend. */
export interface ResultRecord {
  /** Distinguishes records of different kinds. */
  readonly kind: string;
  /** Version of the record schema. */
  readonly schema: typeof SCHEMA;
  /** Name of the backend. */
  readonly backend: string;
}

/** Any record of a run whose results are `R`. */
export type RunRecord<R extends ResultRecord = ResultRecord> = HeaderRecord | MissingRecord | R;

/** What identifies a result: of two with the same identity, the later replaces the earlier. */
type Identity = readonly (string | number)[];

/** A kind of result that a task records. */
export interface RecordKind<R extends ResultRecord = ResultRecord> {
  /** Value of its field `kind`. */
  readonly kind: string;
  readonly schema: z.ZodType;
  /** Identifies it within its kind, machine and backend. */
  identify(record: R): Identity;
  /** Fields that take much memory where many records are read. */
  readonly large: LargeFields;
}

/** Fields that take much memory where many records are read: {@linkcode Packer} keeps them. */
export interface LargeFields {
  /** Those in which numbers differ from record to record, and little else. */
  readonly packed?: readonly string[];
  /** Those that many records have in common. */
  readonly shared?: readonly string[];
}

/** The record of a kind. */
export type RecordOf<K extends RecordKind> = K extends RecordKind<infer R> ? R : never;

/** A result with these fields. */
type Result<K extends string, F extends z.ZodRawShape> =
  & { readonly kind: K; readonly schema: typeof SCHEMA; readonly backend: string }
  & Read<z.ZodObject<F>>;

/**
 * Declares a kind of result.
 *
 * @param fields Its fields except `kind`, `schema` and `backend`.
 * @param identify What identifies it within its kind, machine and backend.
 * @param large Fields that take much memory where many records are read.
 */
export function recordKind<const K extends string, F extends z.ZodRawShape>(
  kind: K,
  fields: F,
  identify: (record: Result<K, F>) => Identity,
  large: LargeFields = {},
): RecordKind<Result<K, F>> {
  const common = { kind: z.literal(kind), schema: z.literal(SCHEMA), backend: text };
  return { kind, schema: z.object({ ...common, ...fields }), identify, large };
}

/** Whether a record is a header. */
export function isHeader(record: { readonly kind: string }): record is HeaderRecord {
  return record.kind === "header";
}

/** Whether a record names something missing. */
export function isMissing(record: { readonly kind: string }): record is MissingRecord {
  return record.kind === "missing";
}

export function missingRecord(
  what: MissingRecord["what"],
  name: string,
  { reason = "", remedy = "" }: { readonly reason?: string; readonly remedy?: string },
): MissingRecord {
  return { kind: "missing", schema: SCHEMA, what, name, reason, remedy };
}

/** A record as a line of a file, with NaN and the infinities as text. */
export function formatRecord(record: RunRecord): string {
  return JSON.stringify(
    record,
    (_key, value) => typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

/**
 * Checks a value that was read as JSON.
 *
 * @throws {TypeError} naming the field that is wrong by its path.
 */
export function checkRecord<K extends RecordKind>(
  value: unknown,
  kinds: readonly K[],
): RunRecord<RecordOf<K>> {
  if (typeof value !== "object" || value === null) throw new TypeError("not a record");
  const version = at(value, ["schema"]);
  if (typeof version === "number" && version !== SCHEMA) {
    throw new TypeError(
      `schema version ${version} is not the version ${SCHEMA} that this Normbench reads; ` +
        `use the Normbench that wrote it, or run the task again`,
    );
  }
  const kind = at(value, ["kind"]);
  const known: readonly Pick<RecordKind, "kind" | "schema">[] = [
    { kind: "header", schema: header },
    { kind: "missing", schema: missing },
    ...kinds,
  ];
  const found = known.find((each) => each.kind === kind);
  if (found === undefined) {
    const names = known.map((each) => each.kind).join(", ");
    throw new TypeError(
      kind === undefined
        ? `field "kind" is missing`
        : `field "kind" is wrong: expected one of ${names}`,
    );
  }
  const result = found.schema.safeParse(value);
  if (result.success) return result.data as RunRecord<RecordOf<K>>;
  throw new TypeError(describeIssue(value, result.error.issues[0]));
}

/** The first issue in words; of a union, that of its first member. */
function describeIssue(value: unknown, issue: z.core.$ZodIssue | undefined): string {
  if (!issue) return "not a record";
  const inner = issue.code === "invalid_union" ? issue.errors[0]?.[0] : undefined;
  if (inner) return describeIssue(value, { ...inner, path: [...issue.path, ...inner.path] });
  if (issue.path.length === 0) return `not a record: ${issue.message}`;
  const field = `field "${issue.path.join(".")}"`;
  return at(value, issue.path) === undefined
    ? `${field} is missing`
    : `${field} is wrong: ${issue.message}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}
