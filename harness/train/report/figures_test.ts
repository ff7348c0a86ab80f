import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { TrainRunRecord } from "../record.ts";
import { figuresOf } from "../../../reports/document.ts";
import type { Figure } from "../../../reports/figure.ts";
import { NORMS } from "../../../norms/registry.ts";
import { WITHOUT_NORM_COLOUR } from "../../../reports/palette.ts";
import { curves } from "./curves.ts";
import { trainDocuments } from "./document.ts";
import { dots } from "./dots.ts";
import { normColour, styleByLabel } from "./labels.ts";
import { COST, TEST_ACCURACY } from "./measures.ts";
import type { Panel } from "./panel.ts";
import { BATCH_SIZE } from "./pairs.ts";
import { armRecords, panelOf, referenceRun, trialRecords } from "./records_testing.ts";
import { sweep } from "./sweep.ts";

async function figures(records: readonly TrainRunRecord[]): Promise<Figure[]> {
  return [...(await trainDocuments(records)).values()].flatMap(figuresOf);
}

function curvesOf(panel: Panel) {
  const [name, title] = ["curves", "Curves"];
  return curves({ name, title, score: "loss", columns: [panel], style: styleByLabel });
}

Deno.test("every figure is drawn, has its own name, and fits on the page", async () => {
  const drawn = await figures(referenceRun());
  assertEquals(new Set(drawn.map(({ name }) => name)).size, drawn.length);
  for (const { name, svg } of drawn) {
    assertEquals(svg.match(/NaN|undefined|Infinity/)?.[0], undefined, name);
    const width = Number(svg.match(/ width="([\d.]+)"/)?.[1]);
    assert(width > 200 && width <= 920, `${name} is ${width} wide`);
  }
});

Deno.test("panels may differ in their arms, and the plotting library prints no warning", async () => {
  const warnings: unknown[] = [];
  const { warn } = console;
  console.warn = (...parts) => warnings.push(parts);
  try {
    await figures(referenceRun());
  } finally {
    console.warn = warn;
  }
  assertEquals(warnings, []);
});

Deno.test("a norm has one colour, and shares it with that of tf.layers alone", () => {
  const colours = [WITHOUT_NORM_COLOUR, ...NORMS.map(({ colour }) => colour)];
  assertEquals(new Set(colours).size, colours.length);
  assertEquals(["none", ...NORMS.map(({ name }) => name)].map(normColour), colours);
  assertEquals(normColour("tf-batch"), normColour("batch"));
  assert(normColour("unheard-of") !== undefined);
  assertEquals(colours.includes(normColour("unheard-of")), false);
});

Deno.test("curves need two epochs, and draw a line for each diverged trial", () => {
  assertEquals(curvesOf(panelOf(...trialRecords({ epochs: 1 }))), null);
  const figure = curvesOf(panelOf(...trialRecords(), ...trialRecords({ number: 1, diverges: 4 })));
  assertStringIncludes(figure!.title, "diverged");
  const values = JSON.stringify(figure!.spec.data);
  assertStringIncludes(values, '"trial":"with-without/mlp/batch/1"');
  // The mean is that of the trial that finished.
  assertStringIncludes(values, '"epoch":12');
});

Deno.test("a band reaches from the lowest to the highest trial", () => {
  const panel = panelOf(...armRecords({}));
  const { values } = curvesOf(panel)!.spec.data as unknown as {
    values: { row: string; epoch: number; low: number; high: number }[];
  };
  const last = values.find(({ row, epoch }) => row === "validation" && epoch === 12)!;
  const losses = panel.arms[0]!.trials.map(({ epochs }) => epochs.at(-1)!.validation.loss);
  assertEquals([last.low, last.high], [Math.min(...losses), Math.max(...losses)]);
});

Deno.test("dots show every trial; none without a finished trial or one to compare with", () => {
  const choices = { name: "dots", title: "Dots", kind: "accuracy" as const };
  const panel = panelOf(...armRecords({}));
  const figure = dots({ ...choices, measure: TEST_ACCURACY, panels: [panel] });
  for (const { record } of panel.arms[0]!.trials) {
    assertStringIncludes(JSON.stringify(figure!.spec), String(record.test.accuracy));
  }
  assertEquals(dots({ ...choices, measure: COST, panels: [panel] }), null);
  const lost = panelOf(...trialRecords({ diverges: 1 }));
  assertEquals(dots({ ...choices, measure: TEST_ACCURACY, panels: [lost] }), null);
});

Deno.test("a sweep needs two values, and marks what diverged", () => {
  const choices = { name: "s", title: "Sweep", variable: BATCH_SIZE, measures: [TEST_ACCURACY] };
  assertEquals(sweep({ ...choices, panels: [panelOf(...trialRecords())] }), null);
  const panel = panelOf(
    ...trialRecords({ suite: "batch-size", arm: "2", batchSize: 2 }),
    ...trialRecords({ suite: "batch-size", arm: "8", batchSize: 8, diverges: 2 }),
  );
  const figure = sweep({ ...choices, panels: [panel] })!;
  assertStringIncludes(figure.title, "diverged");
  assertStringIncludes(JSON.stringify(figure.spec), '"what":"diverged"');
});
