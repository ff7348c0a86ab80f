import { assertEquals } from "@std/assert";
import type { ParityRecord } from "../record.ts";
import { parityHeader, parityRecord } from "./records_testing.ts";
import { splitRuns } from "../../run/runs.ts";
import { findFindings, measurement, sitesOf } from "./findings.ts";
import { locate } from "../../run/report.ts";

function findingsOf(...records: ParityRecord[]) {
  return findFindings(locate(splitRuns([parityHeader(), ...records]), "parity"));
}

Deno.test("what agrees is no finding", () => {
  assertEquals(findingsOf(parityRecord()), []);
});

Deno.test("a wrong reference is one finding for all implementations and backends", () => {
  const findings = findingsOf(
    parityRecord({ referenced: 3.1e5 }),
    parityRecord({ referenced: 2e5, implementation: "analytic" }),
    parityRecord({ referenced: 3e5, backend: "wasm" }),
  );
  assertEquals(findings, [{
    verdict: "reference wrong",
    norm: "layer",
    subjects: ["tf.layers"],
    cases: ["layer/plain"],
    quantities: [{ name: "y", ratio: 3.1e5 }, { name: "dx", ratio: 3.1e5 / 2 }],
    error: null,
    sites: ["cpu", "wasm"],
    ratio: 3.1e5,
  }]);
  assertEquals(findings.map(measurement), ["y off by 3.1e5 budgets (dx 1.6e5)"]);
});

Deno.test("cases that fail with the same error are one finding", () => {
  const findings = findingsOf(
    parityRecord({ id: "layer/a", referenced: "no beta" }),
    parityRecord({ id: "layer/b", referenced: "no beta" }),
    parityRecord({ id: "layer/c", referenced: "rank 5" }),
  );
  assertEquals(findings.map(({ cases, error }) => ({ cases, error })), [
    { cases: ["layer/a", "layer/b"], error: "no beta" },
    { cases: ["layer/c"], error: "rank 5" },
  ]);
  assertEquals(measurement(findings[0]!), "no beta");
});

Deno.test("a custom norm is blamed by implementation, and its error is named", () => {
  const findings = findingsOf(
    parityRecord({ custom: "out of memory", implementation: "analytic" }),
    parityRecord({ id: "layer/b", custom: 2, implementation: "composed" }),
  );
  assertEquals(findings.map(({ subjects, error }) => ({ subjects, error })), [
    { subjects: ["analytic"], error: "out of memory" },
    { subjects: ["composed"], error: null },
  ]);
});

Deno.test("where both are off, both are named with the larger error", () => {
  const [finding] = findingsOf(parityRecord({ custom: 3, referenced: 7 }));
  assertEquals(finding?.subjects, ["composed", "tf.layers"]);
  assertEquals(finding?.ratio, 7);
});

Deno.test("the worst and furthest findings stand first, infinities too", () => {
  const findings = findingsOf(
    parityRecord({ id: "a", referenced: "no" }),
    parityRecord({ id: "b", referenced: 5 }),
    parityRecord({ id: "c", referenced: NaN }),
    parityRecord({ id: "d", referenced: Infinity }),
    parityRecord({ id: "e", custom: 2 }),
  );
  assertEquals(findings.flatMap(({ cases }) => cases), ["e", "c", "d", "b", "a"]);
});

Deno.test("a finding on every backend says so", () => {
  const [finding] = findingsOf(
    parityRecord({ custom: 2 }),
    parityRecord({ custom: 2, backend: "wasm" }),
  );
  assertEquals(sitesOf(finding!, 2), "every backend");
  assertEquals(sitesOf(finding!, 3), "cpu, wasm");
});
