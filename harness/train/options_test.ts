import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import { HELP, parseOptions } from "./options.ts";
import { SUITES } from "./questions/registry.ts";

Deno.test("without options, everything runs quickly on the fastest backend", () => {
  assertEquals(parseOptions([]), {
    suites: SUITES,
    preset: "quick",
    dataset: "auto",
    dataDir: undefined,
    backend: "auto",
    norms: [],
    seed: 0,
    shard: undefined,
    out: undefined,
    resume: false,
    json: false,
  });
});

Deno.test("options are read", () => {
  const options = parseOptions([
    ...["--suite", "placement,with-without", "--preset", "full", "--dataset", "cifar-10"],
    ...["--data-dir", "data", "--backend", "wasm", "--norm", "batch,layer", "--norm", "rms"],
    ...["--seed", "7", "--trials", "2", "--epochs", "3", "--batch-size", "5"],
    ...["--shard", "2/3", "--out", "here", "--resume", "--json"],
  ])!;
  assertEquals({ ...options, suites: options.suites.map(({ name }) => name) }, {
    suites: ["with-without", "placement"],
    preset: "full",
    dataset: "cifar-10",
    dataDir: "data",
    backend: "wasm",
    norms: ["batch", "layer", "rms"],
    seed: 7,
    trials: 2,
    epochs: 3,
    batchSize: 5,
    shard: { number: 2, count: 3 },
    out: "here",
    resume: true,
    json: true,
  });
});

Deno.test("--shard auto asks the scheduler", () => {
  const env = (name: string) => name === "JOB_COMPLETION_INDEX" ? "3" : undefined;
  assertEquals(parseOptions(["--shard", "auto/8"], env)?.shard, { number: 4, count: 8 });
});

Deno.test("all is every suite", () => {
  assertEquals(parseOptions(["--suite", "placement,all"])?.suites, SUITES);
});

/** Wrong calls, and what the message must name. */
const WRONG: readonly (readonly [args: readonly string[], text: string])[] = [
  [["--suite", "speed"], 'no suite "speed". Choose among all, with-without'],
  [["--norm", "spectral"], 'no norm "spectral". Choose among none, batch'],
  [["--preset", "slow"], 'no preset "slow". Choose among quick, standard, full'],
  [["--dataset", "mnist"], 'no data set "mnist". Choose among auto, fashion-mnist'],
  [["--epochs", "0"], "--epochs 0 is not a whole number from 1 up"],
  [["--trials", "0"], "--trials 0 is not a whole number from 1 up"],
  [["--batch-size", "0"], "--batch-size 0 is not"],
  [["--batch-size", "1.5"], "--batch-size 1.5 is not"],
  [["--seed", "1.5"], "--seed 1.5 is not a whole number from 0 up"],
  [["--seed", "-1"], "-1"],
  [["--shard", "4/3"], "--shard 4/3 asks for shard 4 of 3"],
  [["--out", ""], "--out needs a value"],
  [["--suite", ""], "--suite needs a value"],
  [["--resume"], "--resume needs --out"],
  [["--fast"], "--fast is not an option"],
  [["placement"], "placement is not an option"],
];

for (const [args, text] of WRONG) {
  Deno.test(`train ${args.join(" ")} is a wrong call`, () => {
    assertStringIncludes(assertThrows(() => parseOptions([...args]), UsageError).message, text);
  });
}

Deno.test("--help describes every option", () => {
  assertEquals(parseOptions(["--help"]), undefined);
  const options = [
    ...["suite", "preset", "dataset", "data-dir", "backend", "norm", "seed", "trials"],
    ...["epochs", "batch-size", "shard", "out", "resume", "json", "help"],
  ];
  for (const option of options) assertStringIncludes(HELP, `--${option} `);
});
