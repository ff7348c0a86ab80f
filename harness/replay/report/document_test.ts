import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readRecords } from "../../../system.ts";
import { type HeaderRecord, SCHEMA } from "../../run/record.ts";
import { renderReport, summarize } from "../../tasks.ts";
import type {
  DemonstrationRecord,
  NotebookRunRecord,
  PrintoutRecord,
  ReplayRunRecord,
} from "../record.ts";
import { accuracyCurves } from "./curves.ts";
import { replayHeadline } from "./document.ts";
import { modelReplay } from "./model.ts";
import { measuredText, publishedText, spreadTable, verdictText } from "./tables.ts";

const REFERENCE = readRecords(
  new URL("../../../reports/reference/replay", import.meta.url).pathname,
) as ReplayRunRecord[];
const HEADER = REFERENCE[0] as HeaderRecord;

/** A printout that is reproduced to the last digit, unless `changes` say otherwise. */
function printout(changes: Partial<PrintoutRecord> = {}): PrintoutRecord {
  return {
    kind: "figure",
    schema: SCHEMA,
    backend: "float64",
    experiment: "N1",
    figure: "means before batch norm",
    published: ["28.57337215", "27.08029233"],
    measured: [28.573372153, 27.08029233],
    verdict: "same digits",
    digits: 9,
    ...changes,
  };
}

/** A printout in the training of the plain network. */
function trainingPrintout(iteration: number, changes: Partial<PrintoutRecord> = {}) {
  return printout({
    backend: "wasm",
    experiment: "N7",
    figure: `training accuracy at epoch ${iteration / 20}, plain`,
    published: ["0.3"],
    measured: [0.3],
    training: { network: "plain", iteration },
    ...changes,
  });
}

/** A run of one epoch. */
function notebookRun(seed: number, accuracy: number): NotebookRunRecord {
  return {
    kind: "notebook-run",
    schema: SCHEMA,
    backend: "wasm",
    network: "plain",
    seed,
    losses: [2.3, 2.2],
    accuracies: [
      { epoch: 0, train: 0.1, validation: 0.1 },
      { epoch: 1, train: accuracy, validation: accuracy / 2 },
    ],
  };
}

/** A replay with a printout, a training run and two further seeds. */
function replay(...further: readonly ReplayRunRecord[]): ReplayRunRecord[] {
  const runs = [notebookRun(220, 0.3), notebookRun(221, 0.2), notebookRun(222, 0.4)];
  return [HEADER, printout(), ...runs, ...further];
}

Deno.test("a run follows the notebook up to the last printout before the first that differs", () => {
  const followed = (...iterations: readonly [number, ...string[]][]) => {
    const printouts = iterations.map(([iteration, verdict]) =>
      trainingPrintout(iteration, {
        ...(verdict === "near" ? { verdict: "same to k digits", digits: 6 } : {}),
        ...(verdict === "off" ? { verdict: "same to k digits", digits: 2 } : {}),
      })
    );
    return modelReplay(replay(...printouts)).networks[0]!.followed;
  };
  assertEquals(followed([20], [40, "near"], [60], [100, "off"], [200]), 60);
  assertEquals(followed([20, "off"], [40]), 0);
  assertEquals(followed([20], [40]), 40);
});

Deno.test("the headline counts what was printed, and fails where a value differs", () => {
  const headline = (...printouts: readonly PrintoutRecord[]) =>
    replayHeadline(modelReplay(replay(...printouts)));
  const passed = headline(
    trainingPrintout(20),
    trainingPrintout(40, { digits: 2, verdict: "same to k digits" }),
  );
  assertEquals(passed.tone, "passed");
  assertStringIncludes(passed.verdict, "2 of 3 printed values to the last digit");
  assertStringIncludes(passed.remarks[0]!, "up to iteration 20, on wasm; after that,");
  const failed = headline(trainingPrintout(20, { verdict: "differs", digits: 0 }));
  assertEquals(failed.tone, "failed");
  assertStringIncludes(failed.verdict, "1 value of 2 differ");
  assertStringIncludes(failed.remarks[1]!, "differs from the notebook from the start");
  assertEquals(replayHeadline(modelReplay([HEADER])).tone, "incomplete");
});

Deno.test("numbers are written as they were printed", () => {
  const written = (published: string[], measured: number[]) =>
    measuredText(printout({ published, measured }));
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
  assertEquals(publishedText(printout({ published: [], range: [0, 1e-4] })), "0 to 0.0001");
  assertEquals(publishedText(printout({ published: [] })), "not printed");
});

Deno.test("verdicts are written with their digits", () => {
  const text = (changes: Parameters<typeof printout>[0]) => verdictText(printout(changes));
  assertEquals(text({}), "same digits");
  assertEquals(text({ verdict: "same to k digits", digits: 1 }), "same to 1 digit");
  assertEquals(text({ verdict: "inside the published spread", published: [] }), "as expected");
  assertEquals(text({ verdict: "inside the published spread" }), "inside the published spread");
});

Deno.test("the spread is over further seeds, beside that of the notebook", () => {
  const median = trainingPrintout(20, {
    figure: "median training accuracy over further seeds, plain",
    range: [0.1, 0.5],
  });
  const { rows } = spreadTable(modelReplay(replay(median)).networks);
  const here = ["wasm", "2", "0.200", "0.300", "0.400", "0.300"];
  assertEquals(rows[0], ["plain", "training", ...here, "0.3", "0.1 to 0.5"]);
  const halves = ["wasm", "2", "0.100", "0.150", "0.200", "0.150"];
  assertEquals(rows[1], ["plain", "validation", ...halves, "", ""]);
});

Deno.test("the drawing shows the notebook's seed, further seeds and published points, and is left out without runs", () => {
  const { networks } = modelReplay(replay(trainingPrintout(20)));
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
    return (await renderReport(replay(record))).markdown;
  };
  const right = await answer([0.2, 0], [0, 0.2]);
  assertStringIncludes(right, "batch norm (statistics per feature over the images)");
  assertStringIncludes(right, "layer norm (statistics per image over its features)");
  const wrong = await answer([0, 0.2], [0.2, 0]);
  assertStringIncludes(wrong, "batch norm (statistics per image over its features)");
});

Deno.test("report and text hold every value, and equal records give equal bytes", async () => {
  const [first, second] = [await renderReport(REFERENCE), await renderReport(REFERENCE)];
  assertEquals(first.html, second.html);
  const published = REFERENCE.flatMap((record) =>
    record.kind === "figure" ? [record.published.join(" ")] : []
  );
  for (const text of [first.markdown, first.html, summarize(REFERENCE)]) {
    for (const values of published) assertStringIncludes(text, values);
    assertStringIncludes(text, "means before batch norm");
    assertStringIncludes(text, "same digits");
    assert(!text.includes("undefined"));
  }
  assertEquals(first.figures.map(({ name }) => name), ["replay-accuracy"]);
});
