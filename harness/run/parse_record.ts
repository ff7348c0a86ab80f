/**
 * The shape of every record, as it is checked when records are read from a disk.
 *
 * Each schema is held against its interface.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";
import { type NormbenchRecord, SCHEMA } from "./record.ts";
import { bandwidth, bench, change } from "../bench/record_schema.ts";
import { parity } from "../parity/record_schema.ts";
import { demonstration, figure, notebookRun } from "../replay/record_schema.ts";
import { header, missing } from "./record_schema.ts";
import { epoch, trial } from "../train/record_schema.ts";

const recordSchema: z.ZodType<NormbenchRecord> = z.discriminatedUnion("kind", [
  header,
  missing,
  parity,
  epoch,
  trial,
  bench,
  bandwidth,
  change,
  figure,
  notebookRun,
  demonstration,
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
