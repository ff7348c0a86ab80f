/**
 * How numbers and texts are written in every report.
 *
 * @module
 */

/** A number with `digits` significant digits: `0.0420`, `12.3`, `3.10e5`. */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  // The exponent after rounding, so that 0.9999 and 99999 do not gain a digit.
  const exponent = Number(size.toExponential(digits - 1).split("e")[1]);
  return exponent < -3 || exponent > digits + 1
    ? value.toExponential(digits - 1).replace("e+", "e")
    : value.toFixed(Math.max(0, digits - 1 - exponent));
}

/** All the digits that distinguish a float32 from its neighbours. */
export function formatFloat32(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(9))) : formatNumber(value);
}

/** A count with its noun: `1 case`, `3 cases`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A terminal sequence, which moves the cursor, deletes or colours. */
// deno-lint-ignore no-control-regex
const SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;

/** Other control characters, and those that change the direction of text. */
const CONTROL = /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu;

/** Text without control characters other than line breaks and tabs. */
export function plainText(text: string): string {
  return text.replace(SEQUENCE, "").replace(CONTROL, " ");
}

/** Text on one line, without control characters, of at most `limit` characters. */
export function oneLine(text: string, limit = Infinity): string {
  const line = plainText(text).replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

/** Columns of a terminal. */
export const WIDTH = 80;

/** A line as lines of a terminal, broken at spaces; `hanging` indents all but the first. */
export function wrapLine(line: string, hanging = "  "): string {
  const [indent] = /^ */.exec(line)!;
  const lines: string[] = [];
  for (const word of line.slice(indent.length).split(" ")) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(indent + word);
    else if (last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + hanging + word);
  }
  return lines.join("\n");
}

/** Options as `name=value`, in their order. */
export function formatOptions(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options).map(([name, value]) => `${name}=${formatValue(value)}`).join(", ");
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(", ")}]`;
  if (typeof value === "object" && value !== null) return `{${formatOptions({ ...value })}}`;
  return String(value);
}
