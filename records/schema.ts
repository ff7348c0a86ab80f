/**
 * The shape of every record, as it is checked when records are read from a disk.
 *
 * The types are those of `record.ts`; each schema is held against its interface.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";
import { type Failure, type Figures, SCHEMA } from "./record.ts";
import type { HeaderRecord, MissingRecord, NormbenchRecord, ParityRecord } from "./record.ts";

const NON_FINITE: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity"]);

/** JSON has no NaN and no infinity, so records hold them as text. */
function revive(value: unknown): unknown {
  return NON_FINITE.has(value) ? Number(value) : value;
}

/** Revives the numbers within options, whose shape only the norm knows. */
function reviveDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveDeep);
  if (typeof value !== "object" || value === null) return revive(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, reviveDeep(each)]));
}

/** A measured number; zod's own refuses the NaN and the infinities, which are findings here. */
const measured = z.preprocess(
  revive,
  z.custom<number>((value) => typeof value === "number", "expected a number"),
);
const shape = z.array(z.int().nonnegative());
const text = z.string();
const verdict = z.enum([
  "agree",
  "custom wrong",
  "reference wrong",
  "both off",
  "reference cannot",
]);

const figures = z.object({
  maxAbsolute: measured,
  meanAbsolute: measured,
  maxRelative: measured,
  meanRelative: measured,
  maxUlp: measured,
  meanUlp: measured,
  ratio: measured,
  worst: z.object({ index: shape, got: measured, expected: measured, budget: measured }),
}) satisfies z.ZodType<Figures>;

const failure = z.object({ error: text }) satisfies z.ZodType<Failure>;

/** Figures stand first: where neither shape fits, the error tells what they lack. */
const answer = z.union([figures, failure]);

const header = z.object({
  kind: z.literal("header"),
  schema: z.literal(SCHEMA),
  task: text,
  environment: z.object({
    normbench: text,
    commit: text.nullable(),
    versions: z.record(text, text),
    platform: text,
    cpu: text,
    cores: z.number(),
  }),
  backends: z.array(z.object({
    name: text,
    version: text,
    device: text,
    notes: z.array(text),
  })),
  options: z.record(text, z.union([text, z.number(), z.boolean(), z.array(text)])),
}) satisfies z.ZodType<HeaderRecord>;

const missing = z.object({
  kind: z.literal("missing"),
  schema: z.literal(SCHEMA),
  what: z.enum(["backend", "data"]),
  name: text,
  reason: text,
  remedy: text,
}) satisfies z.ZodType<MissingRecord>;

const parity = z.object({
  kind: z.literal("parity"),
  schema: z.literal(SCHEMA),
  norm: text,
  implementation: text,
  backend: text,
  reference: text,
  case: z.object({
    id: text,
    about: text,
    shape,
    options: z.record(text, z.unknown().transform(reviveDeep)),
    input: text,
    offset: z.number().exactOptional(),
    steps: z.number(),
    seed: z.number(),
  }),
  reductionLength: z.number(),
  kappa: measured,
  quantities: z.array(z.object({
    name: text,
    shape,
    custom: answer,
    reference: answer,
    difference: figures.nullable(),
    verdict,
  })),
  ratio: measured,
  verdict,
}) satisfies z.ZodType<ParityRecord>;

const recordSchema: z.ZodType<NormbenchRecord> = z.discriminatedUnion("kind", [
  header,
  missing,
  parity,
]);

/**
 * Checks a value that was read as JSON; throws `TypeError` naming the field that is wrong by its path.
 */
export function parseRecord(value: unknown): NormbenchRecord {
  const version = at(value, ["schema"]);
  if (typeof version === "number" && version !== SCHEMA) {
    throw new TypeError(
      `schema version ${version} is not the version ${SCHEMA} that this Normbench reads; ` +
        `use the Normbench that wrote it, or run the task again`,
    );
  }
  const result = recordSchema.safeParse(value);
  if (result.success) return result.data;
  throw new TypeError(describe(value, result.error.issues[0]));
}

/** The first complaint in words; of a union, that about its first member. */
function describe(value: unknown, issue: z.core.$ZodIssue | undefined): string {
  if (!issue) return "not a record";
  const inner = issue.code === "invalid_union" ? issue.errors[0]?.[0] : undefined;
  if (inner) return describe(value, { ...inner, path: [...issue.path, ...inner.path] });
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
