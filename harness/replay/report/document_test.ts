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
import { notebookRun, studyRun } from "../records_testing.ts";
import { STUDIES } from "../studies.ts";
import { trainingCurves } from "./curves.ts";
import { replayHeadline } from "./document.ts";
import { modelReplay } from "./model.ts";
import { agreementTable, measuredText, placementTable, verdictText } from "./tables.ts";

const REFERENCE = readRecords(
  new URL("../../../reports/reference/replay", import.meta.url).pathname,
) as ReplayRunRecord[];
const HEADER = REFERENCE[0] as HeaderRecord;

const STUDY_FIGURES = ["replay-scales", "replay-batch-sizes", "replay-layer-norm"];

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
function epochRun(seed: number, accuracy: number): NotebookRunRecord {
  return notebookRun(seed, {
    losses: [2.3, 2.2],
    accuracies: [
      { epoch: 0, train: 0.1, validation: 0.1 },
      { epoch: 1, train: accuracy, validation: accuracy / 2 },
    ],
  });
}

/** A replay with a printout, a training run and two further seeds. */
function replay(...further: readonly ReplayRunRecord[]): ReplayRunRecord[] {
  const runs = [epochRun(220, 0.3), epochRun(221, 0.2), epochRun(222, 0.4)];
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
  assertStringIncludes(
    passed.verdict,
    "Of 3 of the 110 figures that the notebook printed, 2 come out to every digit",
  );
  assertStringIncludes(
    passed.remarks[0]!,
    "1 figure of forward passes and gradients (N1 to N6, float64): 1 to every",
  );
  assertStringIncludes(
    passed.remarks[0]!,
    "2 figures of training (N7, float32 on wasm): 1 to every",
  );
  const failed = headline(trainingPrintout(20, { verdict: "differs", digits: 0 }));
  assertEquals(failed.tone, "failed");
  assertStringIncludes(failed.verdict, "not reproduced: 1 figure");
  assertStringIncludes(
    failed.remarks[0]!,
    "Not reproduced: training accuracy at epoch 1, plain (wasm)",
  );
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
  assertEquals(written(["5.03e-09"], [5.0287e-9]), "5.03e-09");
  assertEquals(written(["2.609886575288241"], [2.6098865752882414]), "2.609886575288241");
  assertEquals(written(["0.124"], [0.124]), "0.124");
  assertEquals(written(["0"], [0]), "0");
  assertEquals(written(["0.1"], [NaN]), "NaN");
});

Deno.test("verdicts are written with their digits", () => {
  const text = (changes: Parameters<typeof printout>[0]) => verdictText(printout(changes));
  assertEquals(text({}), "same digits");
  assertEquals(text({ verdict: "same to k digits", digits: 1 }), "same to 1 digit");
  assertEquals(
    text({ verdict: "same to k digits", digits: 3, shared: 2 }),
    "same to 3 digits; all orders share 2",
  );
  const range = [0, 1.5e-8] as const;
  assertEquals(text({ verdict: "noise", range: [...range] }), "noise");
  assertEquals(
    text({ verdict: "inside the spread", digits: 2, range: [...range] }),
    "2 digits same, inside the spread: 0 to 1.5e-08",
  );
});

Deno.test("further seeds are compared with NumPy's, and the headline says so", () => {
  const far = [epochRun(220, 0.3), epochRun(221, 0.9), epochRun(222, 0.92)];
  const { rows } = agreementTable(modelReplay([HEADER, printout(), ...far]).networks);
  assertEquals(rows[0]!.slice(0, 6), ["plain", "training", "1", "wasm", "2", "0.910"]);
  assertEquals(rows.map((row) => row.at(-1)), ["differs", "differs"]);
  const failed = replayHeadline(modelReplay([HEADER, printout(), ...far]));
  assertEquals(failed.tone, "failed");
  assertStringIncludes(failed.verdict, "0 figures and 2 comparisons over seeds differ");
  const untested = replayHeadline(modelReplay([HEADER, printout(), epochRun(220, 0.3)]));
  assert(untested.remarks.some((remark) => remark.includes("was not tested")));
  assertStringIncludes(untested.remarks.at(-1)!, "executed course notebook");
});

Deno.test("the printed run is placed among NumPy's: seed 220 is lucky without batch norm", () => {
  const row = placementTable().rows.find(([network, part]) =>
    network === "plain" && part === "training"
  )!;
  assertEquals(row.slice(2), ["other seeds", "30", "0.545", "0.647", "0.718", "0.715", "29 of 30"]);
});

Deno.test("the drawing shows the notebook's seed, NumPy's range and published points, and is left out without runs", () => {
  const { networks } = modelReplay(replay(trainingPrintout(20)));
  const { data } = trainingCurves(networks)!.spec as { data: { values: { kind: string }[] } };
  const kinds = Map.groupBy(data.values, ({ kind }) => kind);
  assertEquals(kinds.get("published")!.length, 32);
  assertEquals(kinds.get("seed 220")!.length, 6);
  assertEquals(kinds.get("NumPy")!.length, 32);
  assertEquals(trainingCurves([]), null);
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
  assertEquals(first.figures.map(({ name }) => name), [
    "replay-training",
    ...STUDY_FIGURES.flatMap((name) => [name, `${name}-seeds`]),
  ]);
});

Deno.test("panels, tables and verdicts of the studies are on the page, with bands over seeds", async () => {
  const trainings = (["N8", "N9", "N10"] as const).flatMap((experiment) =>
    STUDIES[experiment].flatMap((rounds) => rounds.flat())
      .map((training) => ({ experiment, training }))
  );
  const seed = (seed: number) =>
    trainings.map(({ experiment, training }) => studyRun(experiment, training, seed, seed / 1000));
  const one = await renderReport(replay(...seed(220)));
  assertEquals(one.figures.map(({ name }) => name), STUDY_FIGURES);
  const two = await renderReport(replay(...seed(220), ...seed(221)));
  assertEquals(
    two.figures.map(({ name }) => name),
    STUDY_FIGURES.flatMap((name) => [name, `${name}-seeds`]),
  );
  assertStringIncludes(two.markdown, "mean over 2 seeds");
  assertStringIncludes(two.markdown, "| batch norm | 40 | 1.0e-4 | 11.0 (11.0 to 11.1) |");
  assertStringIncludes(two.markdown, "| layer norm | 20 | 2 | 22.1 (22.0 to 22.1) |");
  assertStringIncludes(
    two.markdown,
    "Whether the data support its answers to four questions. 1: Of 8",
  );
  assertStringIncludes(two.markdown, "are a variant: standardized images of Fashion-MNIST");
});
