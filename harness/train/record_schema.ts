/**
 * The schemas of an epoch and of a trial.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";
import { SCHEMA } from "../run/record.ts";
import type { EpochRecord, TrialRecord } from "./record.ts";
import { measured, text } from "../run/schema_values.ts";

const score = z.object({ loss: measured, accuracy: measured });

const description = z.object({
  id: text,
  suite: text,
  arm: text,
  number: z.int().nonnegative(),
  seed: z.number(),
  model: z.object({
    architecture: text,
    norm: text,
    placement: text,
    activation: text,
    hidden: z.array(z.int().positive()),
    weightScale: z.union([z.number(), text]),
    l2: z.number(),
    dataDependentInitialization: z.boolean(),
  }),
  optimizer: z.object({ name: text, learningRate: z.number() }),
  data: z.object({ name: text, train: z.number(), validation: z.number(), test: z.number() }),
  batchSize: z.int().positive(),
  epochs: z.int().positive(),
});

/** One pass over the training images. */
export const epoch = z.object({
  kind: z.literal("epoch"),
  schema: z.literal(SCHEMA),
  backend: text,
  trial: text,
  epoch: z.int().positive(),
  train: score,
  validation: score,
  imagesPerSecond: measured,
}) satisfies z.ZodType<EpochRecord>;

/** How a trial ended. */
export const trial = z.object({
  kind: z.literal("trial"),
  schema: z.literal(SCHEMA),
  backend: text,
  trial: description,
  outcome: z.enum(["finished", "diverged"]),
  lastEpoch: z.int().positive(),
  test: score,
  finalLoss: measured,
  imagesPerSecond: measured,
  parameters: z.int().nonnegative(),
  implementation: text.nullable(),
}) satisfies z.ZodType<TrialRecord>;
