/**
 * Diagnoses: what is known of a mistake from the wrong answer, as a record and in words.
 *
 * @module
 */
import { count } from "../../../reports/format.ts";
import { measured, type Read, text, z } from "../../run/record.ts";

const suspect = z.object({
  /** Name of the planted fault, such as `sqrt(var) + eps`. */
  fault: text,
  /** How it happens. */
  about: text,
  /**
   * Decimal digits of the norm's error that the fault makes, too. Below 1, only the size of the error is the
   * fault's: one that multiplies rounding errors never makes the same twice.
   */
  digits: measured,
  /** Left out where it explains all that the norm answers, else the quantities that it explains. */
  explains: z.array(text).exactOptional(),
});

/** A mistake that would give the same wrong answer. */
export type Suspect = Read<typeof suspect>;

export const diagnosis = z.object({
  /** Planted faults that answer as the norm does, the nearest first: nothing that was tried tells them apart. */
  suspects: z.array(suspect),
  /** Planted faults that were tried; left out, it is not known how many. */
  planted: z.number().exactOptional(),
  /** The option that it ignores: its answer is right for the option left out. */
  ignored: text.exactOptional(),
  /** Cases of other shapes and distributions in which the first suspect has the norm's error, too. */
  confirmed: z.number(),
  /** Which elements are off, in words: `every element`, `the last row`, `channel 2`. */
  elements: text,
  /** How the elements that are off follow from those that were expected, where it is the same for all. */
  relation: z.object({
    /** Such as `got = 1.5 expected`. */
    formula: text,
    /** What it may come from, such as `n / (n - 1) for n = 3`. */
    meaning: text.exactOptional(),
  }).exactOptional(),
});

/** What is known of a mistake from the wrong answer. */
export type Diagnosis = Read<typeof diagnosis>;

/**
 * The diagnosis in a line: `looks like: sqrt(var) + eps (epsilon outside the root)`; empty where nothing is
 * known, since there is nothing to compare with.
 */
export function headline(
  { suspects, planted, ignored }: Pick<Diagnosis, "suspects" | "planted" | "ignored">,
): string {
  const names = suspects.map(({ fault, about, explains }) =>
    `${fault} (${about})${explains ? `, judging by ${explains.join(", ")}` : ""}`
  );
  if (names.length > 0) return `looks like: ${names.join("; or: ")}`;
  if (ignored !== undefined) return ignorance(ignored);
  return planted === 0 ? "" : "looks like none of the planted faults";
}

function ignorance(option: string): string {
  return `answers as if ${option} were not given`;
}

/** The diagnosis in sentences, what it looks like first. */
export function sentences(diagnosis: Diagnosis): string[] {
  const { suspects, confirmed, elements, relation, ignored } = diagnosis;
  const [first] = suspects;
  const line = first || ignored === undefined ? headline(diagnosis) : "";
  return [
    ...(line === "" ? [] : [`${line[0]!.toUpperCase()}${line.slice(1)}.`]),
    ...(first ? [`It ${agreement(first, suspects.length)}${inOthers(confirmed)}.`] : []),
    ...(ignored === undefined ? [] : [`It ${ignorance(ignored)}.`]),
    `Off: ${elements}.`,
    ...(relation
      ? [`Where it is off, ${relation.formula}${relation.meaning ? `: ${relation.meaning}` : ""}.`]
      : []),
  ];
}

/** `agrees with that fault to 6 digits`. */
function agreement({ digits }: Pick<Suspect, "digits">, suspects = 1): string {
  const whole = Math.floor(Number(digits));
  const [them, make] = suspects === 1
    ? ["that fault", "makes"]
    : [suspects === 2 ? "both" : "all of them", "make"];
  return whole < 1
    ? `is as far off as ${them} ${make} it, with other last digits`
    : `agrees with ${them} to ${count(whole, "digit")}`;
}

function inOthers(confirmed: number): string {
  return confirmed === 0 ? "" : `, and does so in ${count(confirmed, "other case")}`;
}
