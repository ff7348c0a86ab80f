/**
 * The gradient check of an input, in words.
 *
 * @module
 */
import type { InputCheck, WorstSlope } from "./check_input.ts";

/** Digits of a slope that are worth reading. */
const DIGITS = 6;

/** A sentence or two: verdict, the worst element, and what to do. */
export function describeCheck(check: InputCheck): string {
  const { name, verdict, error, worst } = check;
  const [analytic, numeric] = [figure(worst.analytic), figure(worst.numeric)];
  const where = place(name, worst);
  const resolution = short(check.resolution);
  const worstOf = `worst at ${short(error)} of its size`;
  switch (verdict) {
    case "wrong":
      return `The gradient of ${name} is wrong: ${where} it is ${analytic}, but the function's values ` +
        `say ${numeric}, give or take ${short(worst.allowed)}.`;
    case "right":
      return `The gradient of ${name} is right: ${worstOf} (${where} ${analytic}, by differences ` +
        `${numeric}); errors from ${resolution} up would have been seen${near(check.kinks)}.`;
    case "unclear":
      return `The gradient of ${name} is unclear: an error of ${resolution} of its size would not have ` +
        `been seen (${where} ${analytic}, by differences ${numeric}). Either the gradient is zero, or ` +
        "the differences are too coarse: try another step, or inputs of a smaller offset.";
  }
}

function place(name: string, { index }: WorstSlope): string {
  return index === undefined ? "along a random direction" : `at ${name}[${index.join(", ")}]`;
}

function near(kinks: number): string {
  return kinks === 0 ? "" : `, but for ${kinks} at a kink or near, where no difference can tell`;
}

function figure(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : String(value);
}

function short(value: number): string {
  return value.toExponential(0);
}
