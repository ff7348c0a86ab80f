import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { DemonstrationRecord, FigureRecord } from "../record.ts";
import { SCHEMA } from "../../run/record.ts";
import { renderReport, summarize } from "../../tasks.ts";
import { accuracyCurves } from "./curves.ts";
import { replayHeadline } from "./headline.ts";
import { modelReplay } from "./model.ts";
import { measuredText, publishedText } from "./numbers.ts";
import {
  sampleFigure,
  sampleReplay,
  sampleReplayHeader,
  sampleTraining,
} from "./samples_testing.ts";
import { spreadTable, verdictText } from "./tables.ts";

Deno.test("a replay is followed up to the last figure before the first that departs", () => {
  const followed = (...iterations: readonly [number, ...string[]][]) => {
    const figures = iterations.map(([iteration, verdict]) =>
      sampleTraining(iteration, {
        ...(verdict === "near" ? { verdict: "same to k digits", digits: 6 } : {}),
        ...(verdict === "off" ? { verdict: "same to k digits", digits: 2 } : {}),
      })
    );
    return modelReplay(sampleReplay(...figures)).networks[0]!.followed;
  };
  assertEquals(followed([20], [40, "near"], [60], [100, "off"], [200]), 60);
  assertEquals(followed([20, "off"], [40]), 0);
  assertEquals(followed([20], [40]), 40);
});

Deno.test("the headline counts what was printed, and fails where a figure differs", () => {
  const headline = (...figures: readonly FigureRecord[]) =>
    replayHeadline(modelReplay(sampleReplay(...figures)));
  const passed = headline(
    sampleTraining(20),
    sampleTraining(40, { digits: 2, verdict: "same to k digits" }),
  );
  assertEquals(passed.tone, "passed");
  assertStringIncludes(passed.verdict, "2 of 3 printed figures to the last digit");
  assertStringIncludes(passed.remarks[0]!, "up to iteration 20, on wasm; after that,");
  const failed = headline(sampleTraining(20, { verdict: "differs", digits: 0 }));
  assertEquals(failed.tone, "failed");
  assertStringIncludes(failed.verdict, "1 figure of 2 differ");
  assertStringIncludes(failed.remarks[1]!, "departs from the notebook at once");
  assertEquals(replayHeadline(modelReplay([sampleReplayHeader()])).tone, "incomplete");
});

Deno.test("numbers are written as they were printed", () => {
  const written = (published: string[], measured: number[]) =>
    measuredText(sampleFigure({ published, measured }));
  assertEquals(
    written(["28.57337215", "25.9706331"], [28.573372149, 25.9706331]),
    "28.57337215 25.97063310",
  );
  assertEquals(written(["1."], [0.999999996]), "1.00000000");
  assertEquals(written(["5.03e-9"], [5.0287e-9]), "5.03e-9");
  assertEquals(written(["0.124"], [0.124]), "0.124");
  assertEquals(written(["0"], [0]), "0");
  assertEquals(written(["0.1"], [NaN]), "NaN");
  assertEquals(written([], [2.45e-16, 34.0561299]), "2.45e-16 34.0561299");
  assertEquals(publishedText(sampleFigure({ published: [], range: [0, 1e-4] })), "0 to 0.0001");
  assertEquals(publishedText(sampleFigure({ published: [] })), "not printed");
});

Deno.test("verdicts are written with their digits", () => {
  const text = (changes: Parameters<typeof sampleFigure>[0]) => verdictText(sampleFigure(changes));
  assertEquals(text({}), "same digits");
  assertEquals(text({ verdict: "same to k digits", digits: 1 }), "same to 1 digit");
  assertEquals(text({ verdict: "inside the published spread", published: [] }), "as expected");
  assertEquals(text({ verdict: "inside the published spread" }), "inside the published spread");
});

Deno.test("the spread is over further seeds, beside the notebook's own", () => {
  const median = sampleTraining(20, {
    figure: "median training accuracy over further seeds, plain",
    range: [0.1, 0.5],
  });
  const { rows } = spreadTable(modelReplay(sampleReplay(median)).networks);
  const here = ["wasm", "2", "0.200", "0.300", "0.400", "0.300"];
  assertEquals(rows[0], ["plain", "training", ...here, "0.3", "0.1 to 0.5"]);
  const halves = ["wasm", "2", "0.100", "0.150", "0.200", "0.150"];
  assertEquals(rows[1], ["plain", "validation", ...halves, "", ""]);
});

Deno.test("the plot holds own, further and published points, and is left out without runs", () => {
  const { networks } = modelReplay(sampleReplay(sampleTraining(20)));
  const { data } = accuracyCurves(networks)!.spec as { data: { values: { kind: string }[] } };
  const kinds = Map.groupBy(data.values, ({ kind }) => kind);
  assertEquals(kinds.get("published")!.length, 1);
  assertEquals(kinds.get("seed 220")!.length, 4);
  assertEquals(kinds.get("further seeds")!.length, 8);
  assertEquals(accuracyCurves([]), null);
});

Deno.test("the answer follows from the numbers, whichever way round they are", async () => {
  const answer = async (own: readonly [number, number], mean: readonly [number, number]) => {
    const record: DemonstrationRecord = {
      kind: "demonstration",
      schema: SCHEMA,
      backend: "float64",
      question: "preprocessing",
      columns: ["pattern", "brightness", "others"],
      rows: [
        { label: "batch norm", values: [mean[0], 0, mean[1]] },
        { label: "layer norm", values: [own[0], 0, own[1]] },
      ],
    };
    return (await renderReport(sampleReplay(record))).markdown;
  };
  const right = await answer([0.2, 0], [0, 0.2]);
  assertStringIncludes(right, "batch norm (statistics per feature over the images)");
  assertStringIncludes(right, "layer norm (statistics per image over its features)");
  const wrong = await answer([0, 0.2], [0.2, 0]);
  assertStringIncludes(wrong, "batch norm (statistics per image over its features)");
});

Deno.test("report and text hold every figure, and equal records give equal bytes", async () => {
  const records = sampleReplay(sampleTraining(20));
  const [first, second] = [await renderReport(records), await renderReport(records)];
  assertEquals(first.html, second.html);
  for (const text of [first.markdown, first.html, summarize(records)]) {
    assertStringIncludes(text, "means before batch norm");
    assertStringIncludes(text, "28.57337215 27.08029233");
    assertStringIncludes(text, "same digits");
  }
  assertEquals(first.figures.map(({ name }) => name), ["replay-accuracy"]);
  assert(!first.markdown.includes("undefined") && !first.html.includes("undefined"));
});
