import { assertEquals, assertMatch } from "@std/assert";

const FIXTURE = new URL("./ignored_test.fixture.ts", import.meta.url).pathname;
const TASK = new URL("./main.ts", import.meta.url).pathname;

Deno.test("the task tells of every backend that it left out, just before its last line", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--permission-set=run-tests", TASK, "--no-check", FIXTURE],
    stderr: "inherit",
  }).output();
  assertEquals(code, 0);
  const lines = new TextDecoder().decode(stdout).trim().split("\n").slice(-3);
  assertMatch(lines[0]!, /^not tested: cpu \(it works, but .+\)$/);
  assertMatch(lines[1]!, /^not tested: tensorflow \(.+\)$/);
  assertEquals(lines[2], "1 passed, 0 failed, 2 skipped");
});
