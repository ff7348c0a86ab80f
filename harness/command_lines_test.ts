/**
 * Command lines at random: each is taken, or refused with status 2 and a message that names what is wrong.
 *
 * What is taken is not run; then command lines whose fault only shows when the run is planned are run.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { type Uniform, uniformStream } from "../norms/basics/random.ts";
import { BENCH_TASK } from "./bench/task.ts";
import { DOCTOR_TASK } from "./doctor/task.ts";
import { FAULTS_TASK } from "./faults/task.ts";
import { PACK_TASK } from "./pack/task.ts";
import { PARITY_TASK } from "./parity/task.ts";
import { REPLAY_TASK } from "./replay/task.ts";
import { REPORT_TASK } from "./report/task.ts";
import type { Options } from "./run/options.ts";
import { ExitStatus, type Task } from "./run/task.ts";
import { captureTask, inTemporaryFolder, type TaskOutcome } from "./run/task_testing.ts";
import { SETUP_TASK } from "./setup/task.ts";
import { loadSmallImages } from "./train/train_testing.ts";
import { TRAIN_TASK, trainTask } from "./train/task.ts";

const TASKS = [
  ...[BENCH_TASK, DOCTOR_TASK, FAULTS_TASK, PACK_TASK, PARITY_TASK, REPLAY_TASK, REPORT_TASK],
  ...[SETUP_TASK, TRAIN_TASK],
] as unknown as readonly Task[];

/** Command lines of each task. */
const LINES = 300;

const VALUES = [
  ...["", " ", ",", "=", "-", "--", "-5", "-x", "--seed", "0", "1", "2", "1.5", "1e3", "1e309"],
  ...["0x10", "9007199254740991", "9007199254740993", "NaN", "Infinity", "true", "null"],
  ...["constructor", "__proto__", "toString", "../..", "/dev/null", "a\0b", "\u001b[31mred", "é☃"],
  ...["x".repeat(5000), "4x8", "4x", "4x0", "100000x100000", "99999999999999999999x2"],
  ...["1/0", "0/1", "2/1", "1/2", "1/2/3", "/", "auto", "auto/4", "auto/", "all", "all,none"],
  ...["none", "batch", "layer,batch", "cpu", "cpu,wasm", "cpu,nope", "pip", "stock", "quick"],
  ...["full", "pytorch", "n1", "N1,N99", "synthetic", "xz", "cnn"],
];

const STRAYS = [
  ...["--nope", "--__proto__", "--constructor=1", "-n", "-h1", "--", "-", "---", "nope", "--=", ""],
  ...["--no-seed", "--Seed", "--out=", "--json=true", "--resume=", "\u001b[2J", "a\nb"],
];

function pick<T>(items: readonly T[], uniform: Uniform): T {
  return items[Math.floor(items.length * uniform())]!;
}

function randomLine({ options }: Task, uniform: Uniform): string[] {
  const names = Object.keys(options)
    .map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
  const words = Array.from({ length: 1 + Math.floor(4 * uniform()) }, () => {
    const kind = uniform();
    if (names.length === 0 || kind < 0.15) return [pick(STRAYS, uniform)];
    const name = pick(names, uniform);
    if (kind < 0.2) return [`--${name}`];
    if (kind < 0.25) return [`--${name.slice(0, -1)}`, pick(VALUES, uniform)];
    const value = pick(VALUES, uniform);
    return kind < 0.6 ? [`--${name}=${value}`] : [`--${name}`, value];
  });
  return words.flat();
}

/** It says in few lines what is wrong with which of the arguments. */
function assertRefused({ status, output, errors }: TaskOutcome, args: readonly string[]): void {
  const line = JSON.stringify(args.map((argument) => argument.slice(0, 40)));
  const where = `${line}: ${errors.slice(0, 500)}`;
  assertEquals(status, ExitStatus.usage, where);
  assertEquals(output, "", where);
  assertEquals(/^\s+at /m.test(errors), false, where);
  assertEquals(/[^\P{Cc}\n]/u.test(errors), false, where);
  assert(errors.split("\n").length <= 4 && errors.length < 6000, where);
  const named = args.flatMap((argument) => [argument, ...argument.split("=")])
    .some((argument) => errors.includes(argument.trim() === "" ? "is not an option" : argument));
  // What a terminal would obey is not quoted as it is.
  assert(named || /[^\P{Cc}]/u.test(args.join("")), where);
}

for (const task of TASKS) {
  Deno.test(`command lines of ${task.name} at random are taken, or refused by name`, async () => {
    const uniform = uniformStream(`command lines of ${task.name}`);
    let refused = 0;
    for (let i = 0; i < LINES; i++) {
      let isTaken = false;
      const args = randomLine(task, uniform);
      const outcome = await captureTask({
        ...task,
        run: () => {
          isTaken = true;
          return Promise.resolve(ExitStatus.ok);
        },
      } as Task<Options>, ...args);
      if (isTaken || outcome.output.includes("Usage:")) {
        assertEquals([outcome.status, outcome.errors], [ExitStatus.ok, ""], args.join(" "));
      } else {
        assertRefused(outcome, args);
        refused++;
      }
    }
    assert(refused > LINES / 4 && refused < LINES || Object.keys(task.options).length < 2);
  });
}

Deno.test("sizes that cannot be held are refused before anything runs", async () => {
  for (
    const [task, argument] of [
      [BENCH_TASK, "--shape=100000x100000"],
      [BENCH_TASK, "--shape=99999999999999999999x2"],
      [TRAIN_TASK, "--trials=9007199254740991"],
      [TRAIN_TASK, "--seed=9007199254740991"],
      [REPLAY_TASK, "--seeds=9007199254740991"],
      [SETUP_TASK, "--threads=9007199254740991"],
    ] as unknown as readonly [Task, string][]
  ) assertRefused(await captureTask(task, argument), [argument]);
});

const UNREADABLE = "no/such/folder";

/** Faults that show only when the run is planned; each makes any command line of its task wrong. */
const PLANNED: readonly (readonly [task: Task, ...args: string[]])[] = [
  [PARITY_TASK as unknown as Task, "--backend=cpu", "--data-dir=.", "--case=nope"],
  [PARITY_TASK as unknown as Task, "--backend=cpu,nope"],
  [PARITY_TASK as unknown as Task, "--backend=cpu", "--case=layer/axis", "--out=OCCUPIED"],
  [BENCH_TASK as unknown as Task, "--backend=cpu", "--norm=instance", "--shape=7x3"],
  [BENCH_TASK as unknown as Task, "--backend=cpu", "--compare=never-saved"],
  [BENCH_TASK as unknown as Task, "--backend=nope"],
  [BENCH_TASK as unknown as Task, "--backend=cpu", "--shape=8x8", "--out=OCCUPIED"],
  [trainTask(loadSmallImages) as unknown as Task, "--backend=cpu", "--batch-size=2800"],
  [trainTask(loadSmallImages) as unknown as Task, "--backend=cpu,wasm"],
  [
    trainTask(loadSmallImages) as unknown as Task,
    "--backend=cpu",
    "--preset=quick",
    "--out=OCCUPIED",
  ],
  [REPLAY_TASK as unknown as Task, "--backend=cpu", "--experiment=N1", "--out=OCCUPIED"],
  [REPORT_TASK as unknown as Task, UNREADABLE],
  [REPORT_TASK as unknown as Task, "OCCUPIED"],
];

/** Valid in themselves. */
const HARMLESS = [
  ...["--seed=3", "--seed=9007199254740", "--preset=full", "--json", "--norm=batch,group"],
  ...["--trials=1000", "--epochs=10", "--shard=1/2", "--eager", "--seeds=1000", "--force"],
];

Deno.test("a fault that shows only when the run is planned is named, too", () =>
  inTemporaryFolder(async (folder) => {
    const occupied = join(folder, "occupied");
    Deno.writeTextFileSync(occupied, "not records");
    const uniform = uniformStream("faults of plans");
    for (const [task, ...faults] of PLANNED) {
      const options = Object.keys(task.options);
      const nameOf = (argument: string) => /^--([a-z]+)/.exec(argument)?.[1] ?? "";
      const taken = faults.map(nameOf);
      const known = HARMLESS.map(nameOf).map((name, index) =>
        options.includes(name) && !taken.includes(name) ? [HARMLESS[index]!] : []
      ).flat();
      for (let i = 0; i < 3; i++) {
        const args = [
          ...known.filter(() => uniform() < 0.4),
          ...faults.map((each) => each.replace("OCCUPIED", occupied)),
        ];
        if (options.includes("out") && !faults.join().includes("OCCUPIED")) {
          args.unshift(`--out=${join(folder, "out")}`);
        }
        const outcome = await captureTask(task, ...args);
        assertRefused(outcome, args.flatMap((each) => [each, ...each.split(/[=,]/)]));
      }
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["occupied"]);
  }));
