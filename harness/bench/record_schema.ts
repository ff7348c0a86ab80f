/**
 * The schemas of benchmarks, of the bandwidth they are held against, and of changes since a baseline.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";
import type { BandwidthRecord, BenchRecord, ChangeRecord } from "./record.ts";
import { SCHEMA } from "../run/record.ts";
import { measured, reviveDeep, shape, text } from "../run/schema_values.ts";

const workload = z.enum(["forward", "forward+backward", "training step"]);
const role = z.enum(["custom", "reference", "peer", "copy"]);
const spread = z.object({ median: measured, p25: measured, p75: measured, p99: measured });

const timing = z.object({
  name: text,
  role,
  batch: z.int().positive(),
  samples: z.array(measured),
  seconds: spread,
  device: spread.exactOptional(),
  elementsPerSecond: z.number().nullable(),
  imagesPerSecond: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  copyShare: z.number().nullable(),
  peakBytes: z.number().nullable(),
  peakTensors: z.number().nullable(),
});

const failed = z.object({ name: text, role, error: text });

/** A group of contenders. */
export const bench = z.object({
  kind: z.literal("bench"),
  schema: z.literal(SCHEMA),
  backend: text,
  norm: text,
  workload,
  network: text.exactOptional(),
  shape,
  options: z.record(text, z.unknown().transform(reviveDeep)),
  cache: z.enum(["hot", "cold"]),
  inputs: z.int().nonnegative(),
  pass: z.int().positive(),
  seed: z.number(),
  contenders: z.array(z.union([timing, failed])),
  ratios: z.array(
    z.object({ contender: text, against: text, ratio: measured, low: measured, high: measured }),
  ),
  calibration: z.object({ before: measured, after: measured, drifted: z.boolean() }).nullable(),
}) satisfies z.ZodType<BenchRecord>;

/** How fast a backend copies. */
export const bandwidth = z.object({
  kind: z.literal("bandwidth"),
  schema: z.literal(SCHEMA),
  backend: text,
  operation: text,
  points: z.array(
    z.object({ elements: z.int().positive(), seconds: measured, bytesPerSecond: measured }),
  ),
  bytesPerSecond: measured,
  completion: spread,
}) satisfies z.ZodType<BandwidthRecord>;

/** A change since a baseline. */
export const change = z.object({
  kind: z.literal("change"),
  schema: z.literal(SCHEMA),
  backend: text,
  baseline: text,
  norm: text,
  workload: z.enum([...workload.options, "all"]),
  network: text.exactOptional(),
  shape,
  contender: text,
  yardstick: text,
  change: measured,
  low: measured,
  high: measured,
  noise: measured,
  verdict: z.enum(["same", "slower", "faster"]),
}) satisfies z.ZodType<ChangeRecord>;
