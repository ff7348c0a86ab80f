import { assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
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

/** Starts a program that records a run. */
function spawnProgram(work: string, open = "return folder;"): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-check", `${PROGRAM} { ${open} }, async () => { ${work} });`],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Starts a program that records a run, and sends it signals when it says "now" and after each answer. */
async function stopped(work: string, signals: readonly Deno.Signal[]) {
  const child = spawnProgram(work);
  const left = [...signals];
  let errors = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    errors += text;
    // The program says "now" when it may be stopped; the listener speaks after the first signal.
    const isHeard = errors.includes(left.length === signals.length ? "now" : "Stopping after");
    if (isHeard && left.length > 0) child.kill(left.shift()!);
  }
  const { code } = await child.status;
  return { code, errors };
}

const PROGRAM = `
  import process from "node:process";
  import { recording } from "${new URL("./task.ts", import.meta.url)}";
  import { showProgress } from "${new URL("./progress.ts", import.meta.url)}";
  const write = (text) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  const dispose = () => write("closed");
  const folder = { path: "here", resumeOptions: "--resume", [Symbol.dispose]: dispose };
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const block = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  await recording(() =>`;

const GO_ON = "Interrupted. The records are in here; add --resume to continue.\nclosed";

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} ends a run with status ${status} and says how to go on`, async () => {
    // As while a backend starts, whose messages are caught.
    const work = "console.error = () => {}; write('now'); await sleep(60_000);";
    const { code, errors } = await stopped(work, [signal]);
    assertEquals([code, errors], [status, `now\n${GO_ON}`]);
  });
}

Deno.test("the second signal ends a run at once, within a step and with its progress shown", async () => {
  const work = "showProgress('steps', 9); write('now'); block(60_000);";
  const start = performance.now();
  const { errors } = await stopped(work, ["SIGINT", "SIGINT"]);
  assertLess(performance.now() - start, 30_000);
  assertEquals(errors.includes("Interrupted"), false);
});

Deno.test("deno task passes a signal on, so that it arrives twice, and it counts as one", async () => {
  const child = spawnProgram("write('now'); block(700); await sleep(60_000);");
  let errors = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    if (errors === "") {
      child.kill("SIGINT");
      // Two that wait together would be one for the system.
      setTimeout(() => child.kill("SIGINT"), 100);
    }
    errors += text;
  }
  assertEquals([(await child.status).code, errors], [130, `now\n${GO_ON}`]);
});

Deno.test("a signal while the folder is being opened ends the run, and leaves nothing locked", async () => {
  const child = spawnProgram("await sleep(60_000);", "write('now'); block(500); return folder;");
  let errors = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    if (errors === "") child.kill("SIGINT");
    errors += text;
  }
  assertEquals([(await child.status).code, errors], [130, `now\n${GO_ON}`]);
});

Deno.test("a signal clears the progress, and shows the cursor again", async () => {
  const work = `
    Object.defineProperty(process.stderr, "isTTY", { value: true });
    showProgress("steps", 9); write("now"); await sleep(60_000);`;
  const { errors } = await stopped(work, ["SIGINT"]);
  const after = errors.slice(errors.indexOf("now") + "now".length);
  const shown = "\u001b[?25h\u001b[?7h";
  const cleared = "\u001b8\u001b[1G\u001b[2K";
  assertEquals(after, `${shown}${cleared}\n${GO_ON}`);
});
