/**
 * The schema of a comparison.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";
import { SCHEMA } from "../run/record.ts";
import type { Failure, Figures, ParityRecord } from "./record.ts";
import { measured, reviveDeep, shape, text } from "../run/schema_values.ts";

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

/** A comparison. */
export const parity = z.object({
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
