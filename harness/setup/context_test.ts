import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { runProgram } from "../run/task_testing.ts";
import { commandRunner, firstThatAnswers } from "./context.ts";

const run = commandRunner(new AbortController().signal);
const evaluate = (code: string) => ["eval", "--quiet", code];

Deno.test("a program's status and output come back", async () => {
  const code = "console.log(Deno.env.get('GIVEN')); console.error('bad'); Deno.exit(3)";
  assertEquals(await run(Deno.execPath(), evaluate(code), { env: { GIVEN: "value" } }), {
    code: 3,
    stdout: "value",
    stderr: "bad",
  });
});

Deno.test("a program that does not exist is a status, not an exception", async () => {
  assertEquals((await run("no-such-program", [])).code, 127);
});

Deno.test("an interruption ends the program", async () => {
  const interrupted = new AbortController();
  const started = performance.now();
  setTimeout(() => interrupted.abort(), 50);
  const sleep = evaluate("await new Promise((done) => setTimeout(done, 60_000))");
  await assertRejects(() => commandRunner(interrupted.signal)(Deno.execPath(), sleep));
  assertLess(performance.now() - started, 30_000);
});

Deno.test("of several programs the first that answers is used", async () => {
  const answers = (...programs: string[]) => (program: string) =>
    Promise.resolve({ code: programs.includes(program) ? 0 : 127, stdout: "", stderr: "" });
  assertEquals(await firstThatAnswers(["a", "b", "c"], [], answers("b", "c")), "b");
  assertEquals(await firstThatAnswers(["a"], [], answers()), undefined);
});

Deno.test("a folder that is run as a program is a status, not an exception", async () => {
  const { code, stderr } = await run(import.meta.dirname!, []);
  assertEquals(code, 126);
  assertStringIncludes(stderr, "not a program that may be run");
});

Deno.test("the permissions of the setup task are enough to look for free space", async () => {
  const { code, output, errors } = await runProgram(
    `
    import { realContext } from "${new URL("./context.ts", import.meta.url)}";
    console.log(await realContext(new AbortController().signal).freeBytes("."));
    `,
    "-P=setup",
  );
  assertEquals(code, 0, errors);
  assert(Number(output) > 0);
});
