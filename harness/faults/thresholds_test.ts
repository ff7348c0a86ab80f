import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { thresholdMarkdown, thresholds } from "./thresholds.ts";

const ALL = thresholds(0);

Deno.test("docs/numerics.md has the table of detection thresholds", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/numerics.md", import.meta.url));
  assertStringIncludes(page.replace(/[ -]+/g, " "), thresholdMarkdown(ALL).replace(/[ -]+/g, " "));
});

Deno.test("where terms are few, parity notices smaller errors than assert_close does", () => {
  const y = ALL.filter(({ caseId, quantity }) => caseId.endsWith("/square") && quantity === "y");
  assert(y.length > 3);
  for (const { caseId, normbench, assertClose } of y) assert(normbench < assertClose, caseId);
});

Deno.test("a threshold grows with the offset", () => {
  const at = (offset: number) =>
    ALL.find((each) => each.caseId === `batch/offset-sweep-${offset}` && each.quantity === "y")!;
  const found = [0, 100, 10000].map((offset) => at(offset).normbench);
  assertEquals(found, found.toSorted((a, b) => a - b));
  assert(found[2]! > 100 * found[0]!);
});
