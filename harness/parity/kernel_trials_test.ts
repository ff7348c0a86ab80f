import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { constant } from "../../fixtures/distribution.ts";
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import * as tf from "../../norms/basics/tf.ts";
import type { BackendName } from "../backend/registry.ts";
import type { KernelOptions } from "../backend/wasm/operations.ts";
import { captureTask, inTemporaryFolder } from "../run/task_testing.ts";
import { hasFigures, type ParityRecord } from "./record.ts";
import { readRecords } from "../../system.ts";
import { PARITY_TASK } from "./task.ts";
import { kernelTrials } from "./kernel_trials.ts";
import { runTrial, type Trial } from "./run.ts";

const TRIALS = await kernelTrials("full");

/** The record of one trial, in which `subject` may stand for the repaired kernels. */
async function run(
  trial: Trial,
  backend: BackendName,
  subject?: Subject<KernelOptions>,
): Promise<ParityRecord> {
  const subjects = subject === undefined ? trial.subjects : { planted: subject as Subject };
  const [record, ...others] = await runTrial(
    { ...trial, subjects, backends: [backend] },
    [backend],
    0,
  );
  assertEquals(others, []);
  return record!;
}

function trialNamed(name: string): Trial {
  const found = TRIALS.find(({ parityCase }) => parityCase.id === `${KERNELS}/${name}`);
  assert(found !== undefined, name);
  return found;
}

/** The verdicts of a record by quantity. */
function verdicts({ quantities }: ParityRecord): Record<string, string> {
  return Object.fromEntries(quantities.map(({ name, verdict }) => [name, verdict]));
}

for (const trial of TRIALS) {
  const { id } = trial.parityCase;
  Deno.test(`${id}: the oracle agrees with the kernels of cpu`, async () => {
    const { verdict, ratio, quantities } = await run(trial, "cpu");
    assertEquals(verdict, "agree", `${ratio}`);
    assert(quantities.every(({ custom }) => hasFigures(custom)));
  });

  Deno.test(`${id}: the repaired kernels are within their budget`, async () => {
    const { ratio } = await run(trial, "wasm");
    assert(ratio <= 1, `${ratio}`);
  });
}

Deno.test("stock wasm has no gradient of a convolution, and says which kernel is missing", async () => {
  const record = await run(trialNamed("conv2d"), "wasm");
  assertEquals(verdicts(record), {
    y: "agree",
    dx: "reference cannot",
    dkernel: "reference cannot",
  });
  const { reference } = record.quantities.find(({ name }) => name === "dkernel")!;
  assert(!hasFigures(reference));
  assertStringIncludes(reference.error, tf.Conv2DBackpropFilter);
});

Deno.test("stock wasm is wrong about windows without a positive element, and about no others", async () => {
  const verdictsOf = async (name: string) => verdicts(await run(trialNamed(name), "wasm"));
  const right = { y: "agree", dx: "agree" };
  const wrong = { y: "agree", dx: "reference wrong" };
  assertEquals(await verdictsOf("max-pool-positive"), right);
  assertEquals(await verdictsOf("max-pool-overlap"), right);
  assertEquals(await verdictsOf("max-pool-negative"), wrong);
  assertEquals(await verdictsOf("max-pool-relu"), wrong);
  assertEquals(await verdictsOf("max-pool-overlap-negative"), wrong);
});

Deno.test("stock wasm multiplies right, transposed or not", async () => {
  for (const name of ["mat-mul", "mat-mul-transpose-both", "mat-mul-batch-transpose"]) {
    assertEquals((await run(trialNamed(name), "wasm")).verdict, "agree");
  }
});

Deno.test("stock wasm adds a wrong bias to transposed or several matrices", async () => {
  const wrong = { y: "reference wrong", dx: "agree", dkernel: "agree", dbias: "agree" };
  assertEquals((await run(trialNamed("mat-mul-bias"), "wasm")).verdict, "agree");
  for (const name of ["mat-mul-bias-transpose-a", "mat-mul-bias-batch"]) {
    assertEquals(verdicts(await run(trialNamed(name), "wasm")), wrong);
  }
});

/**
 * Windows of equal elements. Which of them gets the gradient is a convention, so this is no case of the
 * task: a reference that follows another one is not wrong.
 */
const TIES: Trial = {
  ...trialNamed("max-pool-positive"),
  parityCase: { ...trialNamed("max-pool-positive").parityCase, input: constant(1) },
};

/** Max pooling that gives the gradient to the last of equal elements. */
const lastOfEqual = functionSubject<KernelOptions>(({ x }, options) => {
  assert(options.operation === "maxPool");
  const { poolSize, strides, padding } = options;
  const turned = tf.reverse(x!, [1, 2]) as tf.Tensor4D;
  const y = tf.maxPool(turned, [...poolSize], [...strides], padding);
  return { y: tf.reverse(y, [1, 2]) };
});

Deno.test("a gradient that goes to the last of equal elements is caught", async () => {
  const record = await run(TIES, "cpu", lastOfEqual);
  assertEquals(verdicts(record), { y: "agree", dx: "custom wrong" });
});

Deno.test("stock wasm gives the gradient to the last of equal elements", async () => {
  const record = await run(TIES, "wasm", lastOfEqual);
  assertEquals(verdicts(record), { y: "agree", dx: "both off" });
  assertEquals(record.quantities.map(({ difference }) => difference?.maxAbsolute), [0, 0]);
});

Deno.test("a product with one bias less is caught", async () => {
  const unbiased = functionSubject<KernelOptions>(({ x, kernel }) => ({
    y: tf.matMul(x!, kernel!),
  }));
  const { verdict } = await run(trialNamed("mat-mul-bias"), "wasm", unbiased);
  assertEquals(verdict, "custom wrong");
});

/** What the records of a run say, in short. */
function recorded(folder: string): string[] {
  return readRecords(folder).filter((record) => record.kind === "parity").map((record) =>
    [record.norm, record.implementation, record.backend, record.reference, record.case.id].join()
  );
}

Deno.test("--norm kernels holds the repaired kernels against the stock ones, on wasm alone", () =>
  inTemporaryFolder(async (folder) => {
    const args = ["--norm", "kernels", "--case", "mat-mul-batch,pool-negative"];
    const { status, output } = await captureTask(
      PARITY_TASK,
      ...args,
      "--backend",
      "cpu,wasm",
      "--out",
      folder,
    );
    assertEquals(status, 0);
    assertStringIncludes(output, "reference wrong: stock kernels/max-pool-negative");
    assertEquals(recorded(folder), [
      "kernels,repaired,wasm,stock,kernels/max-pool-negative",
      "kernels,repaired,wasm,stock,kernels/mat-mul-batch",
      "kernels,repaired,wasm,stock,kernels/mat-mul-batch-transpose",
    ]);
  }));

Deno.test("the kernels are part of a run that names no norm, unless it is without wasm", () =>
  inTemporaryFolder(async (folder) => {
    const cases = ["--case", "layer/axis-2-1,kernels/mat-mul-one-row"];
    const ids = async (backend: string) => {
      const out = `${folder}/${backend}`;
      await captureTask(PARITY_TASK, ...cases, "--backend", backend, "--out", out);
      return [...new Set(readRecords(out).flatMap((r) => r.kind === "parity" ? [r.case.id] : []))];
    };
    assertEquals(await ids("wasm"), ["layer/axis-2-1", "kernels/mat-mul-one-row"]);
    assertEquals(await ids("cpu"), ["layer/axis-2-1"]);
  }));

Deno.test("the kernels without wasm are bad usage, which the message says", async () => {
  const { status, errors } = await captureTask(
    PARITY_TASK,
    "--norm",
    "kernels",
    "--backend",
    "cpu",
  );
  assertEquals(status, 2);
  assertStringIncludes(errors, "Add wasm to --backend");
});

Deno.test("--help names the kernels", async () => {
  const { output } = await captureTask(PARITY_TASK, "--help");
  assertStringIncludes(output, "kernels");
});
