import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { flag } from "./options.ts";
import { defineTask, ExitStatus } from "./task.ts";
import { captureTask } from "./task_testing.ts";

const SYNTAX = {
  name: "nap",
  about: "Sleep a little.",
  options: { deep: flag("sleep more"), fail: flag("wake up badly") },
  operands: { takes: "BED...", about: "where" },
} as const;

/** A task that throws `error`. */
const failing = (error: unknown) => defineTask({ ...SYNTAX, run: () => Promise.reject(error) });

Deno.test("a task gets its options and operands, and its status is returned", async () => {
  const task = defineTask({
    ...SYNTAX,
    run: ({ deep, fail }, beds) => {
      assertEquals([deep, fail, ...beds], [true, false, "a", "b"]);
      return Promise.resolve(ExitStatus.failed);
    },
  });
  assertEquals((await captureTask(task, "a", "--deep", "b")).status, ExitStatus.failed);
});

Deno.test("help is printed instead of running", async () => {
  const { status, output } = await captureTask(failing(new Error("ran")), "--help");
  assertEquals(status, ExitStatus.ok);
  assertStringIncludes(output, "Usage: deno task nap BED... [options]");
});

for (
  const [error, status, message] of [
    [new UsageError("no such option"), ExitStatus.usage, /^no such option$/],
    [new RangeError("too large"), ExitStatus.usage, /too large/],
    [
      new MissingError("no webgpu", "install a driver"),
      ExitStatus.missing,
      /^no webgpu\nRemedy: install a driver$/,
    ],
    [new Error("unforeseen"), ExitStatus.failed, /unforeseen\n\s+at .*task_test/],
    ["thrown text", ExitStatus.failed, /^thrown text$/],
  ] as const
) {
  Deno.test(`an error becomes a message and a status: ${error}`, async () => {
    const outcome = await captureTask(failing(error));
    assertEquals(outcome.status, status);
    assertMatch(outcome.errors, message);
  });
}

Deno.test("no control character of an error is printed", async () => {
  const { errors } = await captureTask(failing(new UsageError("records\u001b[2J, line\n1\u0007")));
  assertEquals(errors, "records, line\n1 ");
});
