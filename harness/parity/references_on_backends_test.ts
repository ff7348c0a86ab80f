import { assertEquals } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import { batchNorm } from "../../norms/batch_norm.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import { normByName } from "../../norms/registry.ts";
import { testOn } from "../backend/backends_testing.ts";
import { BACKENDS, referencesOn } from "../backend/registry.ts";
import { implementationSubjects, runTrial, type Trial } from "./run.ts";

const norm = normByName("batch");

const TRIAL: Trial = {
  norm,
  parityCase: {
    id: "batch/test",
    about: "a test",
    shape: [8, 3, 4, 5],
    options: { training: true },
    input: normal(0.5, 2),
    steps: 3,
  },
  subjects: implementationSubjects(norm),
  references: { twin: functionSubject(batchNorm.implementations["composed"]!) as Subject },
};

/** References of the records that a trial gives on a backend, with their verdicts. */
async function verdicts(trial: Trial, backend: "cpu" | "tensorflow"): Promise<string[]> {
  const records = await runTrial(trial, [backend], 0);
  return [...new Set(records.map(({ reference, verdict }) => `${reference}: ${verdict}`))];
}

Deno.test("a reference of one backend does not run on another", async () => {
  const on = (owner: string) => (backend: string) => backend === owner ? TRIAL.references : {};
  const foreign = { ...TRIAL, references: {}, backendReferences: on("tensorflow") };
  assertEquals(await verdicts(foreign, "cpu"), []);
  const own = { ...TRIAL, references: {}, backendReferences: on("cpu") };
  assertEquals(await verdicts(own, "cpu"), ["twin: agree"]);
});

Deno.test("norms that no backend has a kernel for have no such reference", () => {
  for (const { name } of BACKENDS) assertEquals(referencesOn(name, normByName("layer")), {});
});

testOn("tensorflow", "batch norm is held against the fused kernel", async () => {
  const trial = { ...TRIAL, backendReferences: (backend: string) => referencesOn(backend, norm) };
  assertEquals(await verdicts(trial, "tensorflow"), ["twin: agree", "FusedBatchNormV3: agree"]);
});
