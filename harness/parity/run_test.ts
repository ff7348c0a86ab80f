import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { ParityCase } from "../../fixtures/parity_case.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { NORMS } from "../../norms/registry.ts";
import { size } from "../../norms/basics/shape.ts";
import { testOnEveryBackend } from "../backend/backends_testing.ts";
import { fusedSubjects, implementationSubjects, runTrial } from "./run.ts";

/** One case for each set of options. */
function onePerOptions(cases: readonly ParityCase[]): ParityCase[] {
  return [...new Map(cases.map((c) => [JSON.stringify(c.options), c])).values()];
}

for (const norm of NORMS) {
  const small = parityCases(norm.name, "quick").filter(({ shape }) => size(shape) <= 256);
  const subjects = implementationSubjects(norm);

  testOnEveryBackend(`${norm.name}: every implementation keeps its budgets`, async (backend) => {
    // Compiling and reading back take WebGPU a hundred times longer than the arithmetic.
    const cases = backend === "webgpu" ? onePerOptions(small) : small;
    assert(cases.length > 0);
    for (const parityCase of cases) {
      const references = { composed: subjects["composed"]! };
      const backendSubjects = () => fusedSubjects(norm);
      const trial = { norm, parityCase, subjects, backendSubjects, references };
      const records = await runTrial(trial, [backend], 0);
      assertEquals(
        records.map(({ implementation }) => implementation),
        Object.keys({ ...subjects, ...fusedSubjects(norm) }),
      );
      for (const { implementation, ratio } of records) {
        assertLessOrEqual(ratio, 1, `${parityCase.id}, ${implementation}`);
      }
    }
  });
}
