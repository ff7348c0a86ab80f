/**
 * The schemas of the replay's records.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";
import { SCHEMA } from "../run/record.ts";
import {
  type DemonstrationRecord,
  type FigureRecord,
  type NotebookRunRecord,
  REPLAY_VERDICTS,
} from "./record.ts";
import { measured, text } from "../run/schema_values.ts";

const numbers = z.array(measured);
const network = z.enum(["batch norm", "plain"]);

/** A printed line of the notebook. */
export const figure = z.object({
  kind: z.literal("figure"),
  schema: z.literal(SCHEMA),
  backend: text,
  experiment: text,
  figure: text,
  published: z.array(text),
  range: z.tuple([z.number(), z.number()]).exactOptional(),
  measured: numbers,
  verdict: z.enum(REPLAY_VERDICTS).exactOptional(),
  training: z.object({ network, iteration: z.int().positive() }).exactOptional(),
  digits: z.int().nonnegative().exactOptional(),
}) satisfies z.ZodType<FigureRecord>;

/** A training run of the notebook. */
export const notebookRun = z.object({
  kind: z.literal("notebook-run"),
  schema: z.literal(SCHEMA),
  backend: text,
  network,
  seed: z.number(),
  losses: numbers,
  accuracies: z.array(z.object({ epoch: z.int(), train: measured, validation: measured })),
}) satisfies z.ZodType<NotebookRunRecord>;

/** An experiment that answers a question of the notebook. */
export const demonstration = z.object({
  kind: z.literal("demonstration"),
  schema: z.literal(SCHEMA),
  backend: text,
  question: text,
  columns: z.array(text),
  rows: z.array(z.object({ label: text, values: numbers })),
}) satisfies z.ZodType<DemonstrationRecord>;
