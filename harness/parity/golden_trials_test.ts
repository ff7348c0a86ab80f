import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { NORMS } from "../../norms/registry.ts";
import type { ParityRecord } from "./record.ts";
import { testOnEveryBackend } from "../backend/backends_testing.ts";
import { goldenTrials } from "./golden_trials.ts";
import { runTrial, type Trial } from "./run.ts";

const TRIALS = await goldenTrials();

function trialOf(id: string): Trial {
  const trial = TRIALS.find(({ parityCase }) => parityCase.id === id);
  assert(trial !== undefined, `there is no case ${id}`);
  return trial;
}

Deno.test("golden trials: every norm has some, each with the framework as its only reference", () => {
  assertEquals(new Set(TRIALS.map(({ norm }) => norm)), new Set(NORMS));
  for (const { references, recordings, parityCase: { id } } of TRIALS) {
    assertEquals(references, {});
    assertEquals(Object.keys(recordings!), [id.includes("keras") ? "keras" : "pytorch"]);
  }
});

testOnEveryBackend("golden files and norms agree", async (backend) => {
  // Compiling and reading back take WebGPU a hundred times longer than the arithmetic.
  const trials = backend === "webgpu" ? TRIALS.filter(({ norm }) => norm.name === "batch") : TRIALS;
  for (const trial of trials) {
    for (const record of await runTrial(trial, [backend], 0)) {
      const at = `${record.case.id}, ${record.implementation}`;
      assertEquals(record.verdict, "agree", at);
      assertLessOrEqual(record.ratio, 1, at);
    }
  }
});

/** Quantities that a record blames the reference for. */
function wrongIn({ quantities }: ParityRecord): string[] {
  return quantities.filter(({ verdict }) => verdict === "reference wrong").map(({ name }) => name);
}

for (const quantity of ["y", "dx", "dgamma", "dbeta", "movingMean", "movingVariance", "yPredict"]) {
  Deno.test(`golden trials: a fault in a recorded ${quantity} is the reference's`, async () => {
    const trial = trialOf("batch/golden-keras-images");
    const answers = trial.recordings!["keras"]!;
    const faulty = (answers[quantity] as Float32Array).with(1, 9);
    const recordings = { keras: { ...answers, [quantity]: faulty } };
    for (const record of await runTrial({ ...trial, recordings }, ["cpu"], 0)) {
      assertEquals(wrongIn(record), [quantity]);
    }
  });
}
