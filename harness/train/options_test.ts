import { assertEquals, assertStringIncludes } from "@std/assert";
import { helpOf, readCommandLine } from "../run/options.ts";
import { captureTask } from "../run/task_testing.ts";
import { SUITES } from "./questions/registry.ts";
import { TRAIN_TASK } from "./task.ts";

const read = (...args: string[]) => readCommandLine(TRAIN_TASK, args)!.options;

Deno.test("without options, everything runs quickly on the fastest backend", () => {
  const { suite, preset, dataset, backend, seed, shard } = read();
  assertEquals(suite, SUITES.map(({ name }) => name));
  assertEquals([preset, dataset, backend, seed, shard], ["quick", "auto", "auto", 0, undefined]);
  assertEquals(read("--suite", "placement,all").suite, suite);
});

Deno.test("a shard is read", () => {
  assertEquals(read("--shard", "2/3").shard, { number: 2, count: 3 });
});

/** Bad usage, and what the message must name. */
const MISTAKES: readonly (readonly [args: readonly string[], text: string])[] = [
  [["--suite", "speed"], "--suite speed is unknown. Choose from with-without"],
  [["--norm", "spectral"], "--norm spectral is unknown. Choose from none, batch"],
  [["--preset", "slow"], "--preset slow is unknown. Choose from quick, standard, full"],
  [["--dataset", "mnist"], "--dataset mnist is unknown. Choose from auto, fashion-mnist"],
  [["--epochs", "0"], "--epochs 0 is not a whole number 1 or greater"],
  [["--trials", "0"], "--trials 0 is not a whole number 1 or greater"],
  [["--batch-size", "0"], "--batch-size 0 is not"],
  [["--batch-size", "1.5"], "--batch-size 1.5 is not"],
  [["--seed", "1.5"], "--seed 1.5 is not a whole number 0 or greater"],
  [["--seed", "-1"], "-1"],
  [["--shard", "4/3"], "--shard 4/3 asks for shard 4 of 3"],
  [["--out", ""], "--out needs a value"],
  [["--suite", ""], "--suite needs a value"],
  [["--resume"], "--resume needs --out"],
  [["--fast"], "--fast is not an option"],
  [["placement"], "placement is not an option"],
];

for (const [args, text] of MISTAKES) {
  Deno.test(`bad usage is named: train ${args.join(" ")}`, async () => {
    const { status, errors } = await captureTask(TRAIN_TASK, ...args);
    assertEquals(status, 2);
    assertStringIncludes(errors, text);
  });
}

Deno.test("help describes every option", () => {
  const help = helpOf(TRAIN_TASK);
  for (const option of ["data-dir", "batch-size", "shard", "out", "resume", "json", "help"]) {
    assertStringIncludes(help, `--${option} `);
  }
});
