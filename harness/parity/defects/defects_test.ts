/** docs/defects.md says what is so: its records make the page, and each defect is still there. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { KERNELS } from "../../../fixtures/cases/kernels.ts";
import { NORMS } from "../../../norms/registry.ts";
import { useBackend } from "../../backend/active_backend.ts";
import { checkRecord } from "../../run/record.ts";
import { repairedOperations } from "../../backend/wasm/operations.ts";
import type { Operation } from "../../../norms/basics/norm.ts";
import { COUNTEREXAMPLE, type Counterexample } from "../counterexample/record.ts";
import { Trials } from "../counterexample/trial.ts";
import { defectsPage } from "./page.ts";

const DEFECTS = Deno.readTextFileSync(new URL("records.jsonl", import.meta.url)).trim().split("\n")
  .map((line) => checkRecord(JSON.parse(line), [COUNTEREXAMPLE]) as Counterexample);

Deno.test("docs/defects.md is what its records say: run deno task defects after a change", async () => {
  await useBackend("cpu");
  const page = await Deno.readTextFile(new URL("../../../docs/defects.md", import.meta.url));
  assertGreater(DEFECTS.length, 9);
  assertEquals(page, await defectsPage(DEFECTS));
});

for (const [index, defect] of DEFECTS.entries()) {
  const { norm: name, contender, backend, quantity, verdict, error } = defect;
  Deno.test(`defect ${index + 1} of docs/defects.md is still there: ${name} ${quantity}`, async () => {
    const norm = name === KERNELS
      ? repairedOperations as unknown as Operation
      : NORMS.find((each) => each.name === name)!;
    const used = backend === "wasm" ? "wasm" : "cpu";
    await useBackend(used);
    const { shape, options, steps } = defect;
    const given = Object.fromEntries(
      Object.entries(defect.inputs).map(([each, { values }]) => [each, Float32Array.from(values)]),
    );
    const trials = new Trials({ norm, subject: norm.references[contender]!, backend: used });
    const y = trials.outputShape(shape, options)!;
    const dy = given["dy"] ?? new Float32Array(y.reduce((a, b) => a * b, 1)).fill(1);
    const failed = await trials.run({ shape, options, steps, arrays: { ...given, dy } });
    assert(failed.some((each) => each.quantity === quantity && each.verdict === verdict));
    if (error !== undefined) assert(failed.some((each) => each.error === error));
  });
}
