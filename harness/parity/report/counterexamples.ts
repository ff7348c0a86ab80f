/**
 * The smallest failing inputs in words.
 *
 * @module
 */
import {
  formatFloat32,
  formatNumber,
  formatOptions,
  oneLine,
  WIDTH,
} from "../../../reports/format.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import { sentences } from "../counterexample/diagnosis.ts";
import type { Counterexample } from "../record.ts";

/** Elements up to which an array is written in full. */
const IN_FULL = 16;

/** An array in brackets; one of many elements as what differs from its most frequent value. */
export function formatArray(values: readonly number[], shape: Shape): string {
  const text = formatFloat32;
  if (values.length <= IN_FULL) return nested(values.map(text), shape);
  const groups = [...Map.groupBy(values.keys(), (i) => text(values[i]!))]
    .toSorted(([, a], [, b]) => b.length - a.length);
  const [[most]] = groups as [[string, number[]]];
  const others = groups.slice(1).flatMap(([value, positions]) =>
    positions.map((position) => [position, value] as const)
  ).toSorted(([a], [b]) => a - b);
  if (others.length > IN_FULL) {
    return `${values.length} values: ${values.slice(0, 4).map(text).join(", ")} …`;
  }
  const list = others.map(([position, value]) => `${value} at ${position}`).join(", ");
  return `${values.length} times ${most}${list === "" ? "" : `, but ${list}`}`;
}

function nested(values: readonly string[], [length, ...rest]: Shape): string {
  if (length === undefined) return values[0]!;
  const each = values.length / length;
  const parts = Array.from(
    { length },
    (_, i) => nested(values.slice(i * each, (i + 1) * each), rest),
  );
  return `[${parts.join(", ")}]`;
}

/** What was given, what came of it, and what should have come, in a few lines. */
export function counterexampleText(example: Counterexample): string {
  const { contender, shape, options, steps, storage, inputs, quantity, error } = example;
  const head = [
    `shape [${shape.join(", ")}]`,
    ...Object.entries(options).map(([name, value]) => formatOptions({ [name]: value })),
    ...(steps === 1 ? [] : [`${steps} steps`]),
    ...(storage === undefined ? [] : [`stored as ${storage}`]),
  ];
  const given = Object.entries(inputs).map(([name, { shape, values }]) =>
    `${name === "x0" && steps === 1 ? "x" : name} = ${formatArray(values, shape)}`
  );
  const { shape: of, values } = example.expected;
  const answer = example.got === undefined
    ? [`${quantity}: ${oneLine(error ?? "not returned", WIDTH - quantity.length - 4)}`]
    : [
      `${quantity} is ${formatArray(example.got, of)}`,
      `should be ${formatArray(values, of)} ± ${formatNumber(Math.max(...example.budget), 2)}`,
    ];
  return [
    ...wrapped([`Smallest input on which ${contender} fails:`, ...listed(head)], "", "  and "),
    ...(example.diagnosis ? wrapped(sentences(example.diagnosis).join(" ").split(" ")) : []),
    ...wrapped(listed(given)),
    ...answer.map((line) => `  ${line}`),
  ].map((line) => oneLineIndented(line)).join("\n");
}

/** Parts with commas between them. */
function listed(parts: readonly string[]): string[] {
  return parts.map((part, i) => i < parts.length - 1 ? `${part},` : part);
}

/** Parts on as few lines as they fit on, with what each begins, such as a word before a name that is not ours. */
function wrapped(parts: readonly string[], first = "  ", next = "  "): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + part.length <= WIDTH) {
      lines[lines.length - 1] = `${line} ${part}`;
    } else lines.push(`${line === undefined ? first : next}${part}`);
  }
  return lines;
}

function oneLineIndented(line: string): string {
  const [indent] = /^ */.exec(line)!;
  return indent + oneLine(line, WIDTH - indent.length);
}
