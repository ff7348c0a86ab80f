import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ExitStatus } from "../run/task.ts";
import { readCommandLine } from "../run/options.ts";
import { captureTask, inTemporaryFolder } from "../run/task_testing.ts";
import { requestOf, SETUP_TASK } from "./task.ts";

const parseRequest = (args: string[]) => requestOf(readCommandLine(SETUP_TASK, args)!.options);

const BYTES = new Uint8Array(1000);

const DEFAULTS = {
  device: undefined,
  source: undefined,
  tensorflow: undefined,
  python: undefined,
  runtime: { threads: null, logLevel: 2, memoryGrowth: true },
};

Deno.test("without options everything is left open", () => {
  assertEquals(parseRequest([]), DEFAULTS);
});

Deno.test("every option is read", () => {
  const args = "--gpu --from pip --python /py --threads 4 --log-level 0 --no-memory-growth";
  assertEquals(parseRequest(args.split(" ")), {
    device: "gpu",
    source: "pip",
    tensorflow: undefined,
    python: "/py",
    runtime: { threads: 4, logLevel: 0, memoryGrowth: false },
  });
  assertEquals(parseRequest(["--cpu", "--tensorflow", "/tf"]), {
    ...DEFAULTS,
    device: "cpu",
    tensorflow: "/tf",
  });
});

const MISTAKES: readonly (readonly [string, string])[] = [
  ["--gup", "--gup is not an option"],
  ["extra", "extra is not an option"],
  ["--cpu --gpu", "--cpu and --gpu exclude each other"],
  ["--from conda", "--from takes pip or stock, not conda"],
  ["--from pip --tensorflow /tf", "--from and --tensorflow exclude each other"],
  ["--tensorflow", "--tensorflow needs a value"],
  ["--python", "--python needs a value"],
  ["--threads 0", "--threads 0 is not a whole number from 1 to 4096"],
  ["--threads 1.5", "--threads 1.5 is not a whole number from 1 to 4096"],
  ["--log-level 4", "--log-level 4 is not a whole number from 0 to 3"],
];

for (const [args, message] of MISTAKES) {
  Deno.test(`bad usage is named: setup ${args}`, async () => {
    const { status, errors } = await captureTask(SETUP_TASK, ...args.split(" "));
    assertEquals(status, ExitStatus.usage);
    assertStringIncludes(errors, message);
  });
}

/** Starts `deno task setup` with a cache, and ends it by a signal once it has said `line`. */
async function stopped(cache: string, line: string, signal: "SIGINT" | "SIGTERM", env = {}) {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "--no-check", "-P=setup", main, "--cpu"],
    env: { XDG_CACHE_HOME: cache, ...env },
    stderr: "piped",
  }).spawn();
  let said = "";
  let sent = false;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (sent || !said.includes(line)) continue;
    child.kill(signal);
    sent = true;
  }
  return { code: (await child.status).code, said };
}

Deno.test("a setup that waits for another one is ended by Ctrl-C", () =>
  inTemporaryFolder(async (cache) => {
    Deno.mkdirSync(join(cache, "normbench"));
    using file = Deno.createSync(join(cache, "normbench", "tensorflow.lock"));
    file.lockSync(true);
    const { code, said } = await stopped(cache, "Waiting for another setup", "SIGINT");
    assertEquals(code, 130, said);
    assertStringIncludes(said, "Interrupted");
  }));

Deno.test("SIGTERM during a download ends the setup, and removes what is unfinished", () =>
  inTemporaryFolder(async (cache) => {
    const stalls = () => new Response(new ReadableStream({ start: (c) => c.enqueue(BYTES) }));
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, stalls);
    const env = { NPM_CONFIG_REGISTRY: `http://127.0.0.1:${server.addr.port}` };
    const { code, said } = await stopped(cache, "Downloading", "SIGTERM", env);
    assertEquals(code, 143, said);
    const left = [...Deno.readDirSync(join(cache, "normbench"))].map(({ name }) => name);
    assertEquals(left, ["tensorflow.lock"]);
  }));

Deno.test("help is printed, and nothing is done", async () => {
  assertEquals((await captureTask(SETUP_TASK, "--help")).status, ExitStatus.ok);
});
