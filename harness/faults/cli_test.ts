import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { runFaults } from "./cli.ts";

/** What the task prints, and its status. */
async function run(args: string[]): Promise<{ status: ExitStatus; printed: string }> {
  const log = console.log;
  const lines: unknown[] = [];
  console.log = (line: unknown) => lines.push(line);
  try {
    return { status: await runFaults(args), printed: lines.join("\n") };
  } finally {
    console.log = log;
  }
}

Deno.test("the faults task says how it is used", async () => {
  const { status, printed } = await run(["--help"]);
  assertEquals(status, ExitStatus.ok);
  assertStringIncludes(printed, "Usage: deno task faults");
});

Deno.test("the faults task refuses what it does not know", async () => {
  await assertRejects(() => run(["--sed"]), UsageError, "--sed is not an option");
});

Deno.test("the faults task prints its score as Markdown, and is content", async () => {
  const { status, printed } = await run(["--markdown"]);
  assertEquals(status, ExitStatus.ok);
  assertStringIncludes(printed, "| momentum swapped |");
});
