/**
 * The counterexamples of a report: what a mistake looks like, and the smallest input that shows it.
 *
 * @module
 */
import { type Block, figureBlocks, paragraph, type Section } from "../../../reports/document.ts";
import { draw } from "../../../reports/figure.ts";
import { formatFloat32, formatNumber, formatOptions } from "../../../reports/format.ts";
import { type Table, table } from "../../../reports/table.ts";
import { indexAt } from "../../../norms/basics/shape.ts";
import { headline, sentences } from "../counterexample/diagnosis.ts";
import type { Counterexample } from "../record.ts";
import { answerMap, hasMap } from "./answer_map.ts";
import { formatArray } from "./counterexamples.ts";
import type { ParityReport } from "./model.ts";

/** The smallest failing inputs, one after the other; empty where nothing fails. */
export async function counterexampleSection(
  { counterexamples }: Pick<ParityReport, "counterexamples">,
): Promise<Section> {
  const blocks = await Promise.all(
    counterexamples.map(({ record }, i) => exampleBlocks(record, `counterexample-${i + 1}`)),
  );
  return { heading: "Counterexamples", anchor: "counterexamples", blocks: blocks.flat() };
}

async function exampleBlocks(example: Counterexample, name: string): Promise<Block[]> {
  const { norm, contender, backend, found, quantity, diagnosis, error, steps } = example;
  const options = formatOptions(example.options);
  const where = [
    `shape [${example.shape.join(", ")}]`,
    ...(options === "" ? [] : [options]),
    ...(steps === 1 ? [] : [`${steps} steps`]),
    ...(example.storage ? [`stored as ${example.storage}`] : []),
  ].join(", ");
  const words = diagnosis ? sentences(diagnosis) : [error ?? `${quantity} is not returned.`];
  return [
    {
      kind: "heading",
      text: diagnosis?.suspects.length || diagnosis?.ignored
        ? `${contender}, ${norm}: ${headline(diagnosis)}`
        : `${contender}, ${norm}: ${quantity} ${example.verdict}`,
    },
    paragraph(words.slice(diagnosis?.suspects.length ? 1 : 0).join(" ")),
    paragraph(`${where}, on ${backend}; found in ${found}.`, "The smallest input that shows it:"),
    { kind: "table", table: inputTable(example) },
    ...(example.got === undefined ? [] : [{ kind: "table" as const, table: answerTable(example) }]),
    ...(hasMap(example) ? figureBlocks([await draw(answerMap(example, name))]) : []),
  ];
}

function inputTable({ inputs, steps }: Counterexample): Table {
  const rows = Object.entries(inputs).map(([name, { shape, values }]) => [
    name === "x0" && steps === 1 ? "x" : name,
    `[${shape.join(", ")}]`,
    formatArray(values.map(Number), shape),
  ]);
  return table(["input", "shape", "values"], rows);
}

/** Elements that the table lists. */
const LISTED = 16;

/** The elements with the largest error in budgets, in their order. */
function answerTable({ quantity, got = [], expected, budget }: Counterexample): Table {
  const rows = got.map((value, i) => {
    const difference = Number(value) - Number(expected.values[i]);
    return { i, difference, ratio: Math.abs(difference) / Number(budget[i]) };
  });
  const listed = rows.toSorted((a, b) => (b.ratio || Infinity) - (a.ratio || Infinity))
    .slice(0, LISTED).toSorted((a, b) => a.i - b.i);
  return table(
    [quantity, "got#", "expected#", "difference#", "budget#"],
    listed.map(({ i, difference }) => [
      `[${indexAt(i, expected.shape).join(", ")}]`,
      formatFloat32(Number(got[i])),
      formatFloat32(Number(expected.values[i])),
      formatNumber(difference),
      formatNumber(Number(budget[i]), 2),
    ]),
  );
}
