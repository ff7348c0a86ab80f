import { assert, assertEquals, assertExists, assertStringIncludes } from "@std/assert";
import type { NormbenchRecord } from "../../run/record.ts";
import { sampleTrainHeader, sampleTraining, sampleTrial } from "../samples_testing.ts";
import { figuresOf } from "../../../reports/document.ts";
import type { Figure } from "../../../reports/figure.ts";
import { NORMS } from "../../../norms/registry.ts";
import { WITHOUT_NORM_COLOUR } from "../../../reports/palette.ts";
import { normColour, styleByLabel } from "./arm_style.ts";
import { curves } from "./curves.ts";
import { trainDocuments } from "./document.ts";
import { dots } from "./dots.ts";
import { COST, TEST_ACCURACY } from "./measures.ts";
import { modelTraining, type Panel } from "./model.ts";
import { sweep } from "./sweep.ts";
import { BATCH_SIZE } from "./variables.ts";

async function figures(records: readonly NormbenchRecord[]): Promise<Figure[]> {
  return [...(await trainDocuments(records)).values()].flatMap(figuresOf);
}

function panelOf(...records: NormbenchRecord[]): Panel {
  return modelTraining([sampleTrainHeader(), ...records]).suites[0]!.panels[0]!;
}

function curvesOf(panel: Panel) {
  const column = { title: panel.label, arms: panel.arms };
  const [name, title] = ["curves", "Curves"];
  return curves({ name, title, score: "loss", columns: [column], style: styleByLabel });
}

Deno.test("every figure is drawn, has a name of its own, and fits on the page", async () => {
  const drawn = await figures(sampleTraining());
  assertEquals(new Set(drawn.map(({ name }) => name)).size, drawn.length);
  for (const { name, svg } of drawn) {
    assertEquals(svg.match(/NaN|undefined|Infinity/)?.[0], undefined, name);
    const width = Number(svg.match(/ width="([\d.]+)"/)?.[1]);
    assert(width > 200 && width <= 920, `${name} is ${width} wide`);
  }
});

Deno.test("panels may differ in their arms, and the plotting library has nothing to warn of", async () => {
  const warnings: unknown[] = [];
  const { warn } = console;
  console.warn = (...parts) => warnings.push(parts);
  try {
    await figures(sampleTraining());
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
  assertExists(normColour("unheard-of"));
  assertEquals(colours.includes(normColour("unheard-of")), false);
});

Deno.test("curves need two epochs, and give diverged trials a line of their own", () => {
  assertEquals(curvesOf(panelOf(...sampleTrial({ epochs: 1 }))), null);
  const figure = curvesOf(panelOf(...sampleTrial(), ...sampleTrial({ number: 1, diverges: 4 })));
  assertStringIncludes(figure!.title, "diverged");
  const values = JSON.stringify(figure!.spec.data);
  assertStringIncludes(values, '"trial":"with-without/mlp/batch/1"');
  // The mean is that of the trial that finished.
  assertStringIncludes(values, '"epoch":12');
});

Deno.test("a band reaches from the lowest to the highest trial", () => {
  const panel = panelOf(...[0, 1, 2].flatMap((number) => sampleTrial({ number })));
  const { values } = curvesOf(panel)!.spec.data as unknown as {
    values: { row: string; epoch: number; low: number; high: number }[];
  };
  const last = values.find(({ row, epoch }) => row === "validation" && epoch === 12)!;
  const losses = panel.arms[0]!.trials.map(({ epochs }) => epochs.at(-1)!.validation.loss);
  assertEquals([last.low, last.high], [Math.min(...losses), Math.max(...losses)]);
});

Deno.test("dots show every trial; none where nothing finished or there is nothing to relate to", () => {
  const choices = { name: "dots", title: "Dots", kind: "accuracy" as const };
  const panel = panelOf(...[0, 1, 2].flatMap((number) => sampleTrial({ number })));
  const figure = dots({ ...choices, measure: TEST_ACCURACY, panels: [panel] });
  for (const { record } of panel.arms[0]!.trials) {
    assertStringIncludes(JSON.stringify(figure!.spec), String(record.test.accuracy));
  }
  assertEquals(dots({ ...choices, measure: COST, panels: [panel] }), null);
  const lost = panelOf(...sampleTrial({ diverges: 1 }));
  assertEquals(dots({ ...choices, measure: TEST_ACCURACY, panels: [lost] }), null);
});

Deno.test("a sweep needs two values, and marks what diverged", () => {
  const choices = { name: "s", title: "Sweep", variable: BATCH_SIZE, measures: [TEST_ACCURACY] };
  assertEquals(sweep({ ...choices, panels: [panelOf(...sampleTrial())] }), null);
  const panel = panelOf(
    ...sampleTrial({ arm: "2", batchSize: 2 }),
    ...sampleTrial({ arm: "8", batchSize: 8, diverges: 2 }),
  );
  const figure = sweep({ ...choices, panels: [panel] })!;
  assertStringIncludes(figure.title, "diverged");
  assertStringIncludes(JSON.stringify(figure.spec), '"what":"diverged"');
});
