import { assert, assertEquals } from "@std/assert";
import { testOn } from "../backend/backends_testing.ts";
import { pageWith, readPage, readResults } from "./page.ts";
import { TRIALS } from "./registry.ts";

const SEED = 1;

for (const { name, about, backend, quick, run } of TRIALS) {
  const tryIt = async () => assertEquals((await run(quick, SEED)).lost, []);
  if (backend !== undefined) testOn(backend, `${name}: ${about}`, tryIt);
  else Deno.test(`${name}: ${about}`, { ignore: quick === 0 }, tryIt);
}

Deno.test("docs/reliability.md shows the results that are kept, in which nothing was lost", () => {
  const results = readResults();
  for (const [name, { times, lost }] of Object.entries(results)) {
    const { full } = TRIALS.find((trial) => trial.name === name)!;
    assert(times >= full, `${name} was tried ${times} times of ${full}`);
    assertEquals(lost, []);
  }
  assertEquals(readPage(), pageWith(readPage(), results));
});
