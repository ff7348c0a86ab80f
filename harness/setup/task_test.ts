import { assertEquals, assertStringIncludes } from "@std/assert";
import { ExitStatus } from "../run/task.ts";
import { readCommandLine } from "../run/options.ts";
import { captureTask } from "../run/task_testing.ts";
import { requestOf, SETUP_TASK } from "./task.ts";

const parseRequest = (args: string[]) => requestOf(readCommandLine(SETUP_TASK, args)!.options);

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

Deno.test("help is printed, and nothing is done", async () => {
  assertEquals((await captureTask(SETUP_TASK, "--help")).status, ExitStatus.ok);
});
