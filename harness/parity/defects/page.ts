/**
 * The page of defects: for each a text that is ready for an issue of TensorFlow.js.
 *
 * @module
 */
import { formatFloat32, formatOptions } from "../../../reports/format.ts";
import type { Counterexample } from "../counterexample/record.ts";
import { caseSentence, reproduction } from "../counterexample/reproduce.ts";
import { defectCallee } from "./find_defects.ts";
import * as tf from "../../../norms/basics/tf.ts";

const INTRODUCTION = `# Defects of TensorFlow.js

What parity finds wrong in TensorFlow.js ${tf.version.tfjs}: in \`tf.layers\` on the cpu backend, and in the
kernels of the wasm backend. Each has the smallest input on which it shows, and a program that needs
nothing but TensorFlow.js and fails: it was run in a process of its own before it was written here. That
a library lacks a norm is no defect. \`deno task defects\` writes this page; a test notices when a defect is
gone.
`;

/** The page, in Markdown. */
export async function defectsPage(defects: readonly Counterexample[]): Promise<string> {
  const sections = await Promise.all(defects.map(section));
  const list = sections.map(({ title }, i) => `${i + 1}. ${title}`).join("\n");
  const texts = sections.map(({ title, text }, i) => `## ${i + 1}. ${title}\n\n${text}`);
  return `${[INTRODUCTION, list, ...texts].join("\n\n")}\n`;
}

async function section(defect: Counterexample): Promise<{ title: string; text: string }> {
  const { quantity, verdict, backend, inputs, got, error, expected, budget } = defect;
  const callee = await defectCallee(defect);
  const { operation, ...others } = defect.options as { operation?: string };
  const what = operation === undefined
    ? `\`${callee.expression}\``
    : `${operation} (${formatOptions(others)}) on ${backend}`;
  const title = verdict === "wrong"
    ? `${what}: ${quantityName(quantity)} is wrong, without an error`
    : `${what}: ${quantityName(quantity)} cannot be computed (${error})`;
  const list = (values: readonly number[]) => `[${values.map(formatFloat32).join(", ")}]`;
  const text = [
    `- **Versions**: TensorFlow.js ${tf.version.tfjs}, backend ${backend}, Deno.`,
    `- **Case**: ${caseSentence(defect)}.`,
    ...Object.entries(inputs).map(([name, { shape, values }]) =>
      `- **${name}**, shape [${shape.join(", ")}]: ${list(values)}`
    ),
    `- **Comes out**: ${got === undefined ? `\`${error}\`` : list(got)}`,
    `- **Should**: ${list(expected.values)}${
      verdict === "wrong" ? `, each within ${formatFloat32(Math.max(...budget))}` : ""
    }`,
    "",
    "```ts",
    reproduction(defect, callee, backend).trimEnd(),
    "```",
  ];
  return { title, text: text.join("\n") };
}

/** A quantity in words. */
function quantityName(quantity: string): string {
  if (quantity === "y") return "the output";
  return quantity.startsWith("d") ? `the gradient of ${quantity.slice(1)}` : quantity;
}
