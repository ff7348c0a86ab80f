/**
 * What was done in a suite, from the descriptions of its trials.
 *
 * @module
 */
import type { TrialDescription } from "../record.ts";
import { type Table, table } from "../../../reports/table.ts";
import { architectureLabel, formatSetting, normLabel, optimizerLabel } from "./labels.ts";
import type { Panel } from "./model.ts";
import { unbroken } from "./words.ts";

/** A property of trials, and how it is written. */
type Property = readonly [name: string, of: (trial: TrialDescription) => string | number];

const PROPERTIES: readonly Property[] = [
  ["network", ({ model }) => `${architectureLabel(model.architecture)} ${model.hidden.join("-")}`],
  ["activation", ({ model }) => model.activation],
  ["norms", normLabel],
  ["placement", ({ model }) => model.norm === "none" ? "" : model.placement],
  ["first weights", ({ model }) => model.weightScale],
  ["L2", ({ model }) => model.l2],
  ["data", ({ data }) => data.name],
  [
    "images",
    ({ data: { train, validation, test } }) =>
      `${train} to train, ${validation} to validate, ${test} to test`,
  ],
  ["epochs", ({ epochs }) => epochs],
  ["batch size", ({ batchSize }) => batchSize],
  ["optimizer", ({ optimizer }) => optimizerLabel(optimizer.name)],
  ["learning rate", ({ optimizer }) => optimizer.learningRate],
  ["seeds", ({ seed }) => seed],
];

/** A row a property, a column a panel. */
export function setupTable(panels: readonly Panel[]): Table {
  return table(
    ["", ...panels.map(({ label }) => label)],
    [
      ...PROPERTIES.map(([name, of]) => [
        unbroken(name),
        ...panels.map((panel) => valuesOf(panel, of)),
      ]),
      [unbroken("trials an arm"), ...panels.map(trialsOf)],
    ],
  );
}

/** Values beyond this number are told by the first, the last and how many they are. */
const LISTED = 10;

function valuesOf({ arms }: Panel, of: Property[1]): string {
  const trials = arms.flatMap((arm) => arm.trials.map(({ record }) => record.trial));
  const values = [...new Set(trials.map(of))].filter((value) => value !== "");
  if (values.every((value) => typeof value === "number")) values.sort((a, b) => a - b);
  const written = values.map((value) => typeof value === "number" ? formatSetting(value) : value);
  return written.length > LISTED
    ? `${written[0]} to ${written.at(-1)}, ${written.length} values`
    : written.join(", ");
}

function trialsOf({ arms }: Panel): string {
  const counts = arms.map(({ trials }) => trials.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}
