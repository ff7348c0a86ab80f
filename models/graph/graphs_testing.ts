/**
 * Tests of recorded steps, where the backend runs graphs.
 *
 * @module
 */
import { inspectBackends, useBackend } from "../../harness/backend/active_backend.ts";
import { type BackendTest, testOn } from "../../harness/backend/backends_testing.ts";
import { compile } from "../compile.ts";

const hasGraphs = await findGraphs();

async function findGraphs(): Promise<boolean> {
  const { works } = (await inspectBackends()).find(({ name }) => name === "tensorflow")!;
  if (works) await useBackend("tensorflow");
  return works && compile(() => {}).mode === "graph";
}

/** Registers a test on native TensorFlow; where that runs no graphs, the test counts as ignored. */
export function testOnGraphs(name: string, run: BackendTest): void {
  if (hasGraphs) testOn("tensorflow", name, run);
  else Deno.test.ignore(`tensorflow: ${name}`, () => {});
}
