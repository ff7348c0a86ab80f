/**
 * Tests of our own kernels, where there are some.
 *
 * @module
 */
import { inspectBackends, useBackend } from "../../harness/backend/active_backend.ts";
import { type BackendTest, testOn } from "../../harness/backend/backends_testing.ts";
import { implementationsOf } from "../frames/apply.ts";
import type { FusedBackend, Norm } from "../basics/norm.ts";
import { NORMS } from "../registry.ts";

const CANDIDATES: readonly FusedBackend[] = ["wasm", "webgpu", "tensorflow"];

export const FUSED_NORMS: readonly Norm[] = NORMS.filter(({ fused }) => fused !== undefined);

/** The backends that have kernels for all of them here. */
const fusedBackends = new Set<string>();
for (const { name, works } of await inspectBackends()) {
  if (!works || !CANDIDATES.some((candidate) => candidate === name)) continue;
  await useBackend(name);
  if (FUSED_NORMS.every((norm) => "fused" in implementationsOf(norm))) fusedBackends.add(name);
}

/** Registers a test on a backend; where that has no kernels, the test counts as ignored. */
export function testOnKernels(backend: FusedBackend, name: string, run: BackendTest): void {
  if (fusedBackends.has(backend)) testOn(backend, name, run);
  else Deno.test.ignore(`${backend}: ${name}`, () => {});
}

/** Registers a test on every backend that kernels are written for. */
export function testOnEveryKernels(name: string, run: BackendTest): void {
  for (const backend of CANDIDATES) testOnKernels(backend, name, run);
}
