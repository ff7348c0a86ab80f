import { assertEquals } from "@std/assert";
import type { ParityRecord } from "../record.ts";
import { parityHeader, parityRecord, referenceRecord } from "./records_testing.ts";
import { splitRuns } from "../../run/runs.ts";
import { circumstances, findFindings, measurement, sitesOf } from "./findings.ts";
import { locate } from "../../run/report.ts";

function findingsOf(...records: ParityRecord[]) {
  return findFindings(locate(splitRuns([parityHeader(), ...records]), "parity"));
}

Deno.test("what is right is no finding", () => {
  assertEquals(findingsOf(parityRecord(), referenceRecord()), []);
});

Deno.test("a wrong reference is one finding for all backends", () => {
  const findings = findingsOf(
    referenceRecord({ error: 3.1e5 }),
    referenceRecord({ error: 3e5, backend: "wasm" }),
  );
  const [y, dx] = [{ name: "y", ratio: 3.1e5, bits: 19 }, { name: "dx", ratio: 3.1e5 / 2 }];
  assertEquals(findings, [{
    verdict: "wrong",
    role: "reference",
    norm: "layer",
    subjects: ["tf.layers"],
    cases: ["layer/plain"],
    quantities: [y, { ...dx, bits: 18, upstream: "normal(0, 1)" }],
    error: null,
    example: referenceRecord().case,
    sites: ["cpu", "wasm"],
    ratio: 3.1e5,
  }]);
  assertEquals(findings.map(measurement), ["y off by 3.1e5 budgets (dx 1.6e5)"]);
});

Deno.test("cases that fail with the same error are one finding", () => {
  const findings = findingsOf(
    referenceRecord({ id: "layer/a", error: "no beta" }),
    referenceRecord({ id: "layer/b", error: "no beta" }),
    referenceRecord({ id: "layer/c", error: "rank 5" }),
  );
  assertEquals(findings.map(({ cases, error }) => ({ cases, error })), [
    { cases: ["layer/a", "layer/b"], error: "no beta" },
    { cases: ["layer/c"], error: "rank 5" },
  ]);
  assertEquals(measurement(findings[0]!), "no beta");
});

Deno.test("a custom norm is blamed by implementation, and its error is named", () => {
  const findings = findingsOf(
    parityRecord({ id: "layer/b", error: 20 }),
    parityRecord({ error: "out of memory", contender: "analytic" }),
  );
  assertEquals(findings.map(({ verdict, subjects, error }) => ({ verdict, subjects, error })), [
    { verdict: "wrong", subjects: ["composed"], error: null },
    { verdict: "cannot run", subjects: ["analytic"], error: "out of memory" },
  ]);
});

Deno.test("of lost digits the bits are told, and the upstream gradient that shows them", () => {
  const { quantities: [y, dx], ...rest } = parityRecord({ error: 3.5 });
  assertEquals(findingsOf({ ...rest, quantities: [y!, dx!] }).map(measurement), [
    "y loses 2 bits (dx 1)",
  ]);
  assertEquals(findingsOf({ ...rest, quantities: [dx!] }).map(measurement), [
    "dx loses 1 bit with upstream normal(0, 1)",
  ]);
});

Deno.test("with what a custom norm fails is said: its case and the upstream gradient", () => {
  const inputs = "shape [32, 64] · axis=-1, epsilon=0.001 · input normal(0, 1) · 1 step · seed 7";
  const findings = findingsOf(
    parityRecord({ error: 20 }),
    parityRecord({ id: "b", error: "no kernel" }),
    parityRecord({ id: "c", error: "no kernel" }),
    parityRecord({ id: "d", error: 2 }),
    referenceRecord({ error: 20 }),
  );
  assertEquals(findings.map(circumstances), [
    `${inputs} · dx with upstream normal(0, 1)`,
    `b: ${inputs} · dx with upstream normal(0, 1)`,
    "",
    "",
  ]);
});

/** A check of `dx` alone, with this verdict and no error. */
function withVerdict(verdict: "not judged" | "not returned", id: string): ParityRecord {
  const record = parityRecord({ id });
  const judged = verdict === "not judged"
    ? { verdict }
    : { verdict, answer: { error: "not returned, so not checked" } };
  return { ...record, verdict, quantities: [{ ...record.quantities[1]!, ...judged }] };
}

Deno.test("what could not be checked is one finding of a norm", () => {
  const findings = findingsOf(
    withVerdict("not judged", "a"),
    withVerdict("not judged", "b"),
    withVerdict("not returned", "c"),
  );
  assertEquals(findings.map(({ cases }) => cases), [["c"], ["a", "b"]]);
  assertEquals(findings.map(measurement), [
    "dx: not returned, so not checked",
    "dx: the budget is as large as the values",
  ]);
});

Deno.test("a custom norm that fails stands first, then the worst and furthest", () => {
  const findings = findingsOf(
    referenceRecord({ id: "a", error: "no" }),
    referenceRecord({ id: "b", error: 50 }),
    referenceRecord({ id: "c", error: NaN }),
    referenceRecord({ id: "d", error: Infinity }),
    parityRecord({ id: "e", error: 1.5 }),
    parityRecord({ id: "f", error: 20 }),
  );
  assertEquals(findings.flatMap(({ cases }) => cases), ["f", "c", "d", "b", "a", "e"]);
});

Deno.test("a finding on every backend says so", () => {
  const [finding] = findingsOf(
    parityRecord({ error: 20 }),
    parityRecord({ error: 20, backend: "wasm" }),
  );
  assertEquals(sitesOf(finding!, 2), "every backend");
  assertEquals(sitesOf(finding!, 3), "cpu, wasm");
});
