/**
 * The schemas of what every run has: its header, and what it did not find.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";
import { type HeaderRecord, type MissingRecord, SCHEMA } from "./record.ts";
import { text } from "./schema_values.ts";

/** The first record of a run. */
export const header = z.object({
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

/** Something that a run wanted and did not find. */
export const missing = z.object({
  kind: z.literal("missing"),
  schema: z.literal(SCHEMA),
  what: z.enum(["backend", "data"]),
  name: text,
  reason: text,
  remedy: text,
}) satisfies z.ZodType<MissingRecord>;
