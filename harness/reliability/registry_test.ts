import { assert, assertEquals } from "@std/assert";
import { pageWith, readPage, readResults } from "./page.ts";
import { TRIALS } from "./registry.ts";

const SEED = 1;

for (const { name, about, quick, run } of TRIALS) {
  Deno.test(`${name}: ${about}`, { ignore: quick === 0 }, async () => {
    assertEquals((await run(quick, SEED)).lost, []);
  });
}

Deno.test("docs/reliability.md has a row for each trial, in which nothing was lost", () => {
  const results = readResults();
  assertEquals(Object.keys(results), TRIALS.map(({ name }) => name));
  for (const { name, full } of TRIALS) {
    const { times, lost } = results[name]!;
    assert(times >= full, `${name} was tried ${times} times of ${full}`);
    assertEquals(lost, []);
  }
  assertEquals(readPage(), pageWith(readPage(), results));
});
