import { assertEquals } from "@std/assert";
import {
  addCounts,
  type BackendStatus,
  closingLine,
  ignoredLine,
  ignoredPrefixes,
  testCounts,
} from "./test_summary.ts";

Deno.test("testCounts reads the summary, coloured or not, with steps or without", () => {
  assertEquals(testCounts("a ... ok\n\nok | 52 passed (3 steps) | 0 failed (113ms)\n", 0), {
    passed: 52,
    failed: 0,
    skipped: 0,
  });
  const coloured = "\n\x1b[31mFAILED\x1b[0m | 1 passed | 3 failed | 1 ignored | 4 filtered out";
  assertEquals(testCounts(`${coloured} \x1b[38;5;245m(138ms)\x1b[0m\n`, 1), {
    passed: 1,
    failed: 3,
    skipped: 5,
  });
});

Deno.test("testCounts takes the last summary, since a test may print another", () => {
  const output =
    "ok | 7 passed | 0 failed (1ms)\n------- output -------\nok | 9 passed | 0 failed\n";
  assertEquals(testCounts(output, 0).passed, 9);
});

Deno.test("testCounts has a failure where nothing ran, or where the run fell after its tests", () => {
  const none = { passed: 0, failed: 1, skipped: 0 };
  assertEquals(testCounts("error: Type checking failed.\n", 1), none);
  const crashed = "ok | 7 passed | 0 failed (1ms)\n\ndouble free or corruption (out)\n";
  assertEquals(testCounts(crashed, 134), { ...none, passed: 7 });
});

Deno.test("ignoredPrefixes finds the backends by the names of ignored tests", () => {
  const output = `cpu: a sum ... ok (1ms)
wasm-stock: a sum ... \x1b[33mignored\x1b[0m \x1b[38;5;245m(0ms)\x1b[0m
webgpu: a sum ... ignored (0ms)
webgpu: a product ... ignored (0ms)
the wasm: a sum ... ignored (0ms)
tensorflow: what is ignored ... ok (1ms)
`;
  assertEquals(ignoredPrefixes(output), ["wasm-stock", "webgpu"]);
});

Deno.test("ignoredLine says why a backend was not tested, and what to do", () => {
  const status: BackendStatus = {
    name: "webgpu",
    works: false,
    reason: "no adapter",
    remedy: "install a driver",
  };
  const line = (status?: BackendStatus) => ignoredLine("webgpu", status);
  assertEquals(line(status), "not tested: webgpu (no adapter; install a driver)");
  assertEquals(
    line({ ...status, works: true }),
    "not tested: webgpu (it works, but its tests are marked as ignored)",
  );
  assertEquals(line(), "not tested: webgpu (reason unknown; run `deno task doctor`)");
});

Deno.test("closingLine mentions skipped tests only where there are some", () => {
  assertEquals(closingLine({ passed: 5, failed: 0, skipped: 0 }), "5 passed, 0 failed");
  assertEquals(closingLine({ passed: 5, failed: 1, skipped: 2 }), "5 passed, 1 failed, 2 skipped");
});

Deno.test("counts of several processes are added", () => {
  const each = { passed: 2, failed: 1, skipped: 3 };
  assertEquals(addCounts([each, each]), { passed: 4, failed: 2, skipped: 6 });
});
