import { assertEquals, assertMatch } from "@std/assert";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus } from "./exit_status.ts";
import { describeError, runTask } from "./run_task.ts";

/** What is written to the error stream while `use` runs. */
async function errorOutput(use: () => Promise<unknown>): Promise<string> {
  const { error } = console;
  const lines: string[] = [];
  console.error = (line: string) => lines.push(line);
  try {
    await use();
  } finally {
    console.error = error;
  }
  return lines.join("\n");
}

Deno.test("runTask hands the arguments on and the status back", async () => {
  const task = (args: string[]) =>
    Promise.resolve(args.length === 2 ? ExitStatus.failed : ExitStatus.ok);
  assertEquals(await runTask(task, ["a", "b"]), ExitStatus.failed);
});

Deno.test("runTask prints an error and turns it into a status", async () => {
  const task = () => Promise.reject(new UsageError("no such option"));
  const output = await errorOutput(async () => {
    assertEquals(await runTask(task, []), ExitStatus.usage);
  });
  assertEquals(output, "no such option");
});

Deno.test("runTask prints no control character of an error", async () => {
  const task = () => Promise.reject(new UsageError("records\u001b[2J, line\n1\u0007"));
  assertEquals(await errorOutput(() => runTask(task, [])), "records, line\n1 ");
});

Deno.test("describeError names the remedy of what is missing, and where anything else arose", () => {
  assertEquals(
    describeError(new MissingError("no webgpu", "install a driver")),
    "no webgpu\nRemedy: install a driver",
  );
  assertMatch(describeError(new Error("unforeseen")), /unforeseen\n\s+at .*run_task_test/);
  assertEquals(describeError("thrown text"), "thrown text");
});
