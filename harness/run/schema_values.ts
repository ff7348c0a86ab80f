/**
 * The values that records are made of, as they are checked when records are read from a disk.
 *
 * @module
 */
import { z } from "npm:zod@4.6.7";

const NON_FINITE: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity"]);

/** JSON has no NaN and no infinity, so records hold them as text. */
function revive(value: unknown): unknown {
  return NON_FINITE.has(value) ? Number(value) : value;
}

/** Revives the numbers within options, whose shape only the norm knows. */
export function reviveDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveDeep);
  if (typeof value !== "object" || value === null) return revive(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, reviveDeep(each)]));
}

/** A measured number; zod's own refuses the NaN and the infinities, which are findings here. */
export const measured = z.preprocess(
  revive,
  z.custom<number>((value) => typeof value === "number", "expected a number"),
);
export const shape = z.array(z.int().nonnegative());
export const text = z.string();
