import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { caseList } from "./case_list.ts";
import { modelParity } from "./model.ts";
import { parityHeader, parityRecord } from "./records_testing.ts";

const [NORM] = modelParity([
  parityHeader(),
  ...[0.4, 12, 0.5].map((error, index) => parityRecord({ id: `layer/case-${index}`, error })),
]).norms;

Deno.test("the errors of a few cases are all listed", () => {
  const html = caseList(NORM!);
  assertEquals(html.match(/<table class="errors"/g)?.length, 3);
  assert(!html.includes("records.jsonl"));
});

Deno.test("of many cases, all have a line, and the worst their errors", () => {
  const html = caseList(NORM!, 1);
  const cases = html.split("<details").slice(1);
  assertEquals(cases.map((each) => each.includes('<table class="errors"')), [false, true, false]);
  assertStringIncludes(html, "The errors of 1 of 3 cases are listed");
});
