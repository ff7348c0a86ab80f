import { assertEquals, assertStringIncludes } from "@std/assert";
import { ExitStatus } from "../run/task.ts";
import { captureTask } from "../run/task_testing.ts";
import { FAULTS_TASK } from "./task.ts";

Deno.test("the faults task prints its usage", async () => {
  const { status, output } = await captureTask(FAULTS_TASK, "--help");
  assertEquals(status, ExitStatus.ok);
  assertStringIncludes(output, "Usage: deno task faults");
});

Deno.test("the faults task refuses an unknown option", async () => {
  const { status, errors } = await captureTask(FAULTS_TASK, "--sed");
  assertEquals(status, ExitStatus.usage);
  assertStringIncludes(errors, "--sed is not an option");
});

Deno.test("the faults task prints its score as Markdown, and every fault is caught", async () => {
  const { status, output } = await captureTask(FAULTS_TASK, "--markdown");
  assertEquals(status, ExitStatus.ok);
  assertStringIncludes(output, "| momentum swapped |");
});
