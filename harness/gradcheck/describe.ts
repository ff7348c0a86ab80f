/**
 * The result of a gradient check in words.
 *
 * @module
 */
import type { InputCheck, NotJudged, WorstSlope } from "./check_input.ts";

const LOST =
  "The tape finds no path from the input to the output: it follows operations on tensors, " +
  "not values read by dataSync.";

const LOST_AGAIN =
  "The tape finds no path from the input to the gradient: what is computed inside of " +
  "tf.customGrad is a constant to it, and so is what exp, sigmoid, tanh, softmax and logSoftmax save.";

/** Significant digits of a slope. */
const DIGITS = 6;

/** The verdict, the slope that decided, and what to do. */
export function describeCheck(check: InputCheck): string {
  const subject = check.of === undefined
    ? `The gradient of ${check.name}`
    : `The derivative of ${check.of}'s gradient with respect to ${check.name}`;
  const notJudged = check.notJudged.map((each) => describeNotJudged(check.name, each));
  const lost = check.verdict === "wrong" && !check.isConnected
    ? [check.of === undefined ? LOST : LOST_AGAIN]
    : [];
  return [`${subject} is ${check.verdict}: ${finding(check)}`, ...lost, ...notJudged].join(" ");
}

function finding(check: InputCheck): string {
  const { worst, verdict, error, resolution, kinks } = check;
  if (worst === undefined) return "no slope could be taken.";
  const analytic = digits(worst.analytic);
  const numeric = digits(worst.numeric);
  const where = place(check, worst);
  switch (verdict) {
    case "wrong":
      return `${where} it is ${analytic}, but differences give ${numeric} ± ${
        short(worst.allowed)
      }.`;
    case "right":
      if (error === 0 && resolution === 0) return "it is zero, and the output does not change.";
      return `worst at ${short(error)} of its size (${where} ${analytic}, by differences ` +
        `${numeric}); errors of ${short(resolution)} or more would have been detected${
          exceptKinks(kinks)
        }.`;
    case "unclear":
      if (!Number.isFinite(resolution)) {
        return "most slopes could not be taken.";
      }
      return `an error of ${
        short(resolution)
      } of its size would not have been detected (${where} ` +
        `${analytic}, by differences ${numeric}). Either the gradient is zero, or the differences are too ` +
        "inexact: try another step, or inputs with a smaller offset.";
  }
}

function place({ name }: InputCheck, { index }: WorstSlope): string {
  return index === undefined ? "along a random direction" : `at ${element(name, index)}`;
}

function element(name: string, index: readonly number[]): string {
  return index.length === 0 ? name : `${name}[${index.join(", ")}]`;
}

function describeNotJudged(name: string, { reason, count, index }: NotJudged): string {
  const which = count === 1
    ? element(name, index)
    : `${count} elements, ${element(name, index)} first,`;
  return `Not judged: ${which}: ${reason}.`;
}

function exceptKinks(kinks: number): string {
  return kinks === 0
    ? ""
    : `, except for ${kinks} at or near a kink, where differences have no meaning`;
}

function digits(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : String(value);
}

function short(value: number): string {
  return value.toExponential(0);
}
