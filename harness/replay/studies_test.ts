import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { testOn } from "../backend/backends_testing.ts";
import { nameOfTraining, type StudyRunRecord } from "./record.ts";
import { fewImages, recordedImages } from "./records_testing.ts";
import {
  BATCH_SIZES,
  type Preset,
  QUESTION_4_VALUES,
  runStudy,
  SCALES,
  STUDIES,
} from "./studies.ts";
import { type Drawn, drawRounds, trainNetwork } from "./training.ts";
import recording from "./training_recording.json" with { type: "json" };

/** A run in the recording. */
type Recorded = typeof recording.studies[number];

/** Every run of N8 and N9 as it is drawn, beside the recorded one in the same place. */
function* recordedRuns(experiment: "N8" | "N9"): Generator<{ drawn: Drawn; expected: Recorded }> {
  const expected = recording.studies.filter((run) => run.experiment === experiment);
  const data = recordedImages();
  let i = 0;
  for (const rounds of STUDIES[experiment]) {
    for (const drawn of drawRounds(recording.seeds.training, rounds, data)) {
      yield { drawn, expected: expected[i++]! };
    }
  }
  assertEquals(i, expected.length);
}

/** What rounding may do to a loss within ten steps; a wrong formula does more in two. */
const TOLERANCE = 1e-4;

for (const experiment of ["N8", "N9"] as const) {
  Deno.test(`${experiment}: networks and draws come in the notebook's order`, () => {
    for (const { drawn: { training, draws }, expected } of recordedRuns(experiment)) {
      assertEquals(training.network, expected.network);
      const { weightScale = training.weightScale, batchSize = training.batchSize } = expected as {
        weightScale?: number;
        batchSize?: number;
      };
      assertAlmostEquals(Number(training.weightScale), Number(weightScale), 1e-15);
      assertEquals(training.batchSize, batchSize);
      assertEquals([
        draws.kernels[0]![0],
        draws.kernels.at(-1)!.at(-1),
        draws.batches[0]![0],
        draws.batches.at(-1)!.at(-1),
      ], expected.drawn);
    }
  });

  for (const backend of ["wasm", "tensorflow"] as const) {
    testOn(backend, `${experiment}: the first steps go as they do in NumPy`, async () => {
      const data = recordedImages();
      let compared = 0;
      for (const { drawn: { training, draws }, expected } of recordedRuns(experiment)) {
        const steps = expected.losses.length;
        if (steps === 0) continue;
        const first = { ...draws, batches: draws.batches.slice(0, steps) };
        const { losses, accuracies } = await trainNetwork(training, first, data, 1);
        const recorded = expected.losses as number[];
        const name = nameOfTraining(training);
        // Losses are up to 1e7 where weights are large.
        recorded.slice(0, losses.length).forEach((loss, i) =>
          assertAlmostEquals(losses[i]! / loss, 1, TOLERANCE, `${name}, step ${i}`)
        );
        const [train, validation] = expected.accuracies[0]! as [number, number];
        assertAlmostEquals(accuracies[0]!.train, train, 1.01 / data.train.count, name);
        assertAlmostEquals(accuracies[0]!.validation, validation, 1.01 / data.validation.count);
        compared++;
      }
      assertEquals(compared, experiment === "N8" ? 12 : 8);
    });
  }
}

/** The runs of a study on a few images, from a seed. */
async function runsOf(
  experiment: StudyRunRecord["experiment"],
  recorded: readonly StudyRunRecord[] = [],
  preset: Preset = "standard",
): Promise<StudyRunRecord[]> {
  const images = fewImages();
  const plan = { experiment, preset, seed: 220, epochs: 1, images, backend: "wasm" };
  return await Array.fromAsync(runStudy(plan, recorded));
}

testOn(
  "wasm",
  "a study trains every network once; what is recorded is not trained again",
  async () => {
    const runs = await runsOf("N9");
    assertEquals(runs.map(({ training: { network, batchSize } }) => [network, batchSize]), [
      ["plain", 5],
      ...BATCH_SIZES.map((size) => ["batch norm", size]),
      ...BATCH_SIZES.map((size) => ["layer norm", size]),
    ]);
    assert(runs.every(({ accuracies }) => accuracies.length === 2));
    assertEquals(await runsOf("N9", runs.slice(0, 5)), runs.slice(5));
    assertEquals((await runsOf("N9", runs.map((run) => ({ ...run, seed: 221 })))).length, 7);
  },
);

testOn(
  "wasm",
  "quick trains every sixth scale of N8, no layer norm of N9, and nothing of N10",
  async () => {
    const runs = await runsOf("N8", [], "quick");
    const scales = SCALES.filter((_, i) => i % 6 === 0);
    assertEquals(
      runs.map(({ training: { network, weightScale } }) => [network, weightScale]),
      [
        ...scales.flatMap((scale) => [["batch norm", scale], ["plain", scale]]),
        ...scales.map((scale) => ["layer norm", scale]),
      ],
    );
    assertEquals((await runsOf("N9", [], "quick")).length, 1 + BATCH_SIZES.length);
    assertEquals(await runsOf("N10", [], "quick"), []);
  },
);

Deno.test("question 4 varies one thing at a time, from pairs that start with the same numbers", () => {
  const passes = STUDIES.N10.map((rounds) => [...drawRounds(1, rounds, fewImages())][0]!);
  const settings = new Set(passes.map(({ training }) => nameOfTraining(training)));
  const values = Object.values(QUESTION_4_VALUES).flat().length;
  // Depth, width and regularization have the usual network in common.
  assertEquals(settings.size, 3 * (values - 2));
  const [batch, layer, plain] = passes;
  assertEquals(batch!.draws, layer!.draws);
  assertEquals(batch!.draws, plain!.draws);
  assertEquals([batch, layer, plain].map((each) => each!.training.network), [
    "batch norm",
    "layer norm",
    "plain",
  ]);
  // He: the first layer of 12 inputs.
  const first = plain!.draws.kernels[0]!;
  const deviation = Math.sqrt(first.reduce((sum, w) => sum + w * w, 0) / first.length);
  assertAlmostEquals(deviation, Math.sqrt(2 / 12), 0.05);
});

Deno.test("the scales go from 1e-4 to 1", () => {
  assertEquals([SCALES.length, SCALES[0], SCALES.at(-1)], [20, 1e-4, 1]);
});
