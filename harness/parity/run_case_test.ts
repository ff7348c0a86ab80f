import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import type { ParityCase } from "../../fixtures/parity_case.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { batchNorm } from "../../norms/batch_norm.ts";
import { size } from "../../norms/basics/shape.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import { normByName, NORMS } from "../../norms/registry.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import { BACKENDS, referencesOn } from "../backend/registry.ts";
import { type CasePlan, ownImplementations, runCase } from "./run_case.ts";

function onePerOptions(cases: readonly ParityCase[]): ParityCase[] {
  return [...new Map(cases.map((c) => [JSON.stringify(c.options), c])).values()];
}

for (const norm of NORMS) {
  const small = parityCases(norm.name, "quick").filter(({ shape }) => size(shape) <= 256);
  const { subjects, backendSubjects } = ownImplementations(norm);

  testOnEveryBackend(`${norm.name}: every implementation keeps its budgets`, async (backend) => {
    // Compiling and reading back take WebGPU a hundred times longer than the arithmetic.
    const cases = backend === "webgpu" ? onePerOptions(small) : small;
    assert(cases.length > 0);
    for (const parityCase of cases) {
      const plan = {
        norm,
        parityCase,
        subjects,
        backendSubjects: backendSubjects!,
        references: {},
      };
      const records = await runCase(plan, [backend], 0);
      assertEquals(
        records.map(({ contender }) => contender),
        Object.keys({ ...subjects, ...backendSubjects!() }),
      );
      for (const { contender, ratio } of records) {
        assertLessOrEqual(ratio, 1, `${parityCase.id}, ${contender}`);
      }
    }
  });
}

const batch = normByName("batch");

const BATCH_PLAN: CasePlan = {
  norm: batch,
  parityCase: {
    id: "batch/test",
    about: "a test",
    shape: [8, 3, 4, 5],
    options: { training: true },
    input: normal(0.5, 2),
    steps: 3,
  },
  subjects: ownImplementations(batch).subjects,
  references: { twin: functionSubject(batchNorm.implementations["composed"]!) as Subject },
};

/** References of the records that a plan gives on a backend, with their verdicts. */
async function verdicts(plan: CasePlan, backend: "cpu" | "tensorflow"): Promise<string[]> {
  const records = await runCase(plan, [backend], 0);
  return records.filter(({ role }) => role === "reference")
    .map(({ contender, verdict }) => `${contender}: ${verdict}`);
}

Deno.test("a reference of one backend does not run on another", async () => {
  const on = (owner: string) => (backend: string) => backend === owner ? BATCH_PLAN.references : {};
  const foreign = { ...BATCH_PLAN, references: {}, backendReferences: on("tensorflow") };
  assertEquals(await verdicts(foreign, "cpu"), []);
  const own = { ...BATCH_PLAN, references: {}, backendReferences: on("cpu") };
  assertEquals(await verdicts(own, "cpu"), ["twin: right"]);
});

testOn("webgpu", "a backend on which every call is slow tries few upstream gradients", async () => {
  const plan = { ...BATCH_PLAN, references: {} };
  const upstreams = async (backend: "cpu" | "webgpu") => {
    const calls: string[] = [];
    const composed = plan.subjects["composed"]!;
    const counting: Subject = {
      forward: composed.forward,
      gradients: (...given) => {
        calls.push("gradients");
        return composed.gradients(...given);
      },
    };
    await runCase({ ...plan, subjects: { counting } }, [backend], 0);
    return calls.length;
  };
  assertEquals([await upstreams("cpu"), await upstreams("webgpu")], [7, 2]);
});

Deno.test("norms that no backend has a kernel for have no such reference", () => {
  for (const { name } of BACKENDS) assertEquals(referencesOn(name, normByName("layer")), {});
});

testOn("tensorflow", "batch norm is compared with the fused kernel", async () => {
  const plan = {
    ...BATCH_PLAN,
    backendReferences: (backend: string) => referencesOn(backend, batch),
  };
  assertEquals(await verdicts(plan, "tensorflow"), ["twin: right", "FusedBatchNormV3: right"]);
});
