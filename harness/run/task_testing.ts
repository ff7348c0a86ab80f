/**
 * Helpers of tests: capturing a task, temporary folders, records.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { Options } from "./options.ts";
import { formatRecord, type RunRecord } from "./record.ts";
import { RECORDS_FILE } from "./run_folder.ts";
import { type ExitStatus, runTask, type Task } from "./task.ts";

/** Exit status and output of a task. */
export interface TaskOutcome {
  readonly status: ExitStatus;
  /** Lines on standard output. */
  readonly output: string;
  /** Lines on standard error. */
  readonly errors: string;
}

/** Runs a task, and captures what it prints. */
export async function captureTask<O extends Options>(
  task: Task<O>,
  ...args: string[]
): Promise<TaskOutcome> {
  const { log, error } = console;
  const output: unknown[] = [];
  const errors: unknown[] = [];
  console.log = (text: unknown) => output.push(text);
  console.error = (text: unknown) => errors.push(text);
  try {
    const status = await runTask(task, args);
    return { status, output: output.join("\n"), errors: errors.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

/** Calls `use` with a folder that is removed afterwards. */
export async function inTemporaryFolder(
  use: (path: string) => void | Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await use(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/**
 * Runs a program in a new process, with arguments of `deno run`.
 *
 * @param program Its text, which imports modules by absolute URL.
 */
export async function runProgram(
  program: string,
  ...args: string[]
): Promise<{ readonly code: number; readonly output: string; readonly errors: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...args, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

/** Writes the records of a run to a folder, which is created if needed. */
export function writeRecords(folder: string, records: readonly RunRecord[]): void {
  Deno.mkdirSync(folder, { recursive: true });
  const lines = records.map((record) => `${formatRecord(record)}\n`);
  Deno.writeTextFileSync(join(folder, RECORDS_FILE), lines.join(""));
}

/** Wrong calls: arguments, exit status, and what the message must name. */
export type WrongCalls =
  readonly (readonly [args: readonly string[], status: number, text: string])[];

/** Registers a test for each wrong call of a task, and one that its help names `options`. */
export function testCommandLine<O extends Options>(
  task: Task<O>,
  wrong: WrongCalls,
  options: readonly string[],
): void {
  for (const [args, expected, text] of wrong) {
    const call = `${task.name} ${args.join(" ")}`;
    Deno.test(`${call} exits with status ${expected} and says why`, async () => {
      const { status, errors } = await captureTask(task, ...args);
      assertEquals(status, expected);
      assertStringIncludes(errors, text);
    });
  }
  Deno.test(`${task.name} --help describes every option`, async () => {
    const { status, output } = await captureTask(task, "--help");
    assertEquals(status, 0);
    for (const option of options) assertStringIncludes(output, `--${option}`);
  });
}
