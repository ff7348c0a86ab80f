import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import { ExitStatus } from "../run/exit_status.ts";
import { parseRequest, runSetup } from "./cli.ts";

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

const WRONG: readonly (readonly [string, string])[] = [
  ["--gup", "no option or argument --gup"],
  ["extra", "no option or argument extra"],
  ["--cpu --gpu", "--cpu and --gpu exclude each other"],
  ["--from conda", '--from takes pip or stock, not "conda"'],
  ["--from pip --tensorflow /tf", "--from and --tensorflow exclude each other"],
  ["--tensorflow", "--tensorflow takes a path"],
  ["--python", "--python takes a path"],
  ["--threads 0", '--threads takes a whole number from 1 to 4096, not "0"'],
  ["--threads 1.5", '--threads takes a whole number from 1 to 4096, not "1.5"'],
  ["--log-level 4", '--log-level takes a whole number from 0 to 3, not "4"'],
];

for (const [args, message] of WRONG) {
  Deno.test(`a wrong command line is refused: ${args}`, () => {
    assertThrows(() => parseRequest(args.split(" ")), UsageError, message);
  });
}

Deno.test("a wrong command line exits with the status for it", async () => {
  assertEquals(await runSetup(["--cpu", "--gpu"]), ExitStatus.usage);
});

Deno.test("help is given, and nothing is done", async () => {
  assertEquals(await runSetup(["--help"]), ExitStatus.ok);
});
