/**
 * What makes two records the same finding, made twice.
 *
 * @module
 */
import type { BenchRecord, ChangeRecord } from "../bench/record.ts";
import type { ResultRecord } from "./record.ts";

/** Names what a record is about, within its kind, its machine and its backend. */
export function identify(record: ResultRecord): (string | number)[] {
  switch (record.kind) {
    case "parity":
      return [record.norm, record.implementation, record.reference, record.case.id];
    case "epoch":
      return [record.trial, record.epoch];
    case "trial":
      // Two trials of one id are not the same finding if they were made in other ways.
      return [JSON.stringify(record.trial)];
    case "bench":
      return [...benchmarked(record), record.pass];
    case "bandwidth":
      return [];
    case "change":
      return [...benchmarked(record), record.contender, record.baseline];
    case "figure":
      return [record.experiment, record.figure];
    case "notebook-run":
      return [record.network, record.seed];
    case "demonstration":
      return [record.question];
  }
}

/** Names a record within a run: the kind, the backend and what it is about. */
export function nameOf(record: ResultRecord): string {
  return JSON.stringify([record.kind, record.backend, ...identify(record)]);
}

/** What a benchmark is about, or a change since one. */
export function benchmarked(
  { norm, workload, network = "", shape }: Pick<
    BenchRecord | ChangeRecord,
    "norm" | "workload" | "network" | "shape"
  >,
): string[] {
  return [norm, workload, network, shape.join("x")];
}
