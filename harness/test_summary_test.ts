import { assertEquals } from "@std/assert";
import { closingLine, testCounts } from "./test_summary.ts";

Deno.test("testCounts reads the summary, coloured or not, with steps or without", () => {
  assertEquals(testCounts("a ... ok\n\nok | 52 passed (3 steps) | 0 failed (113ms)\n"), {
    passed: 52,
    failed: 0,
    skipped: 0,
  });
  const coloured = "\n\x1b[31mFAILED\x1b[0m | 1 passed | 3 failed | 1 ignored | 4 filtered out";
  assertEquals(testCounts(`${coloured} \x1b[38;5;245m(138ms)\x1b[0m\n`), {
    passed: 1,
    failed: 3,
    skipped: 5,
  });
});

Deno.test("testCounts takes the last summary, since a test may print one of its own", () => {
  const output =
    "ok | 7 passed | 0 failed (1ms)\n------- output -------\nok | 9 passed | 0 failed\n";
  assertEquals(testCounts(output)?.passed, 9);
});

Deno.test("testCounts knows when nothing ran", () => {
  assertEquals(testCounts("error: Type checking failed.\n"), undefined);
});

Deno.test("closingLine mentions skipped tests only where there are some", () => {
  assertEquals(closingLine({ passed: 5, failed: 0, skipped: 0 }), "5 passed, 0 failed");
  assertEquals(closingLine({ passed: 5, failed: 1, skipped: 2 }), "5 passed, 1 failed, 2 skipped");
});
