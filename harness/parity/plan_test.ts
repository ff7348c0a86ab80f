import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { constant } from "../../fixtures/distribution.ts";
import { KERNELS } from "../../fixtures/cases/kernels.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import { NORMS } from "../../norms/registry.ts";
import * as tf from "../../norms/basics/tf.ts";
import { testOnEveryBackend } from "../backend/backends_testing.ts";
import type { BackendName } from "../backend/registry.ts";
import type { KernelOptions } from "../backend/wasm/operations.ts";
import { captureTask, inTemporaryFolder } from "../run/task_testing.ts";
import type { Answers } from "./evaluate.ts";
import { answered, type ParityRecord } from "./record.ts";
import { readRecords } from "../../system.ts";
import { PARITY_TASK } from "./task.ts";
import { goldenPlans, kernelPlans } from "./plan.ts";
import { type CasePlan, runCase } from "./run_case.ts";

const KERNEL_PLANS = await kernelPlans("full", ["wasm"]);
const GOLDEN_PLANS = await goldenPlans();

/** Records of one case: of the repaired kernels or `subject` in their place, and of the stock ones. */
async function run(
  plan: CasePlan,
  backend: BackendName,
  subject?: Subject<KernelOptions>,
): Promise<{ readonly custom: ParityRecord; readonly reference: ParityRecord }> {
  const subjects = subject === undefined ? plan.subjects : { planted: subject as Subject };
  const [custom, reference, ...others] = await runCase(
    { ...plan, subjects, backends: [backend] },
    [backend],
    0,
  );
  assertEquals(others, []);
  return { custom: custom!, reference: reference! };
}

function kernelPlan(name: string): CasePlan {
  const found = KERNEL_PLANS.find(({ parityCase }) => parityCase.id === `${KERNELS}/${name}`);
  assert(found !== undefined, name);
  return found;
}

function verdicts({ quantities }: ParityRecord): Record<string, string> {
  return Object.fromEntries(quantities.map(({ name, verdict }) => [name, verdict]));
}

for (const plan of KERNEL_PLANS) {
  const { id } = plan.parityCase;
  Deno.test(`${id}: the oracle agrees with the kernels of cpu`, async () => {
    for (const { verdict, ratio, quantities } of Object.values(await run(plan, "cpu"))) {
      assertEquals(verdict, "right", `${ratio}`);
      assert(quantities.every(({ answer }) => answered(answer)));
    }
  });

  Deno.test(`${id}: the repaired kernels are within their budget`, async () => {
    const { custom: { ratio } } = await run(plan, "wasm");
    assert(ratio <= 1, `${ratio}`);
  });
}

const RIGHT = { y: "right", dx: "right" };
const WRONG = { y: "right", dx: "wrong" };
const RIGHT_SUM = { ...RIGHT, dkernel: "right", dbias: "right" };
const WRONG_SUM = { ...RIGHT_SUM, y: "wrong" };

/**
 * What stock wasm does: it is wrong about windows without a positive element, and adds a wrong bias to
 * transposed or several matrices.
 */
const STOCK: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "conv2d": { y: "right", dx: "cannot run", dkernel: "cannot run" },
  "max-pool-positive": RIGHT,
  "max-pool-overlap": RIGHT,
  "max-pool-negative": WRONG,
  "max-pool-relu": WRONG,
  "max-pool-overlap-negative": WRONG,
  "mat-mul": { ...RIGHT, dkernel: "right" },
  "mat-mul-transpose-both": { ...RIGHT, dkernel: "right" },
  "mat-mul-batch-transpose": { ...RIGHT, dkernel: "right" },
  "mat-mul-bias": RIGHT_SUM,
  "mat-mul-bias-transpose-a": WRONG_SUM,
  "mat-mul-bias-batch": WRONG_SUM,
};

for (const [name, expected] of Object.entries(STOCK)) {
  Deno.test(`stock wasm, ${name}: ${JSON.stringify(expected)}`, async () => {
    const { reference } = await run(kernelPlan(name), "wasm");
    assertEquals(verdicts(reference), expected);
  });
}

Deno.test("stock wasm says which kernel its gradient of a convolution lacks", async () => {
  const { reference } = await run(kernelPlan("conv2d"), "wasm");
  const { answer } = reference.quantities.find(({ name }) => name === "dkernel")!;
  assert(!answered(answer));
  assertStringIncludes(answer.error, tf.Conv2DBackpropFilter);
});

/**
 * Windows of equal elements. Which of them gets the gradient is a convention, so this is no case of the
 * task: a reference that follows another one is not wrong.
 */
const TIES: CasePlan = {
  ...kernelPlan("max-pool-positive"),
  parityCase: { ...kernelPlan("max-pool-positive").parityCase, input: constant(1) },
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
  const { custom, reference } = await run(TIES, "cpu", lastOfEqual);
  assertEquals(verdicts(custom), { y: "right", dx: "wrong" });
  assertEquals(verdicts(reference), { y: "right", dx: "right" });
});

Deno.test("stock wasm gives the gradient to the last of equal elements", async () => {
  const { custom, reference } = await run(TIES, "wasm", lastOfEqual);
  assertEquals(verdicts(reference), { y: "right", dx: "wrong" });
  assertEquals(custom.quantities.map(({ differences }) => differences), [
    { stock: 0 },
    { stock: 0 },
  ]);
});

Deno.test("a product with one bias less is caught", async () => {
  const unbiased = functionSubject<KernelOptions>(({ x, kernel }) => ({
    y: tf.matMul(x!, kernel!),
  }));
  const { custom } = await run(kernelPlan("mat-mul-bias"), "wasm", unbiased);
  assertEquals(custom.verdict, "wrong");
});

function recorded(folder: string): string[] {
  return readRecords(folder).filter((record) => record.kind === "parity").map((record) =>
    [record.norm, record.contender, record.backend, record.case.id].join()
  );
}

Deno.test("--norm kernels compares the repaired kernels with the stock ones, on wasm alone", () =>
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
    assertStringIncludes(output, "wrong (reference): stock kernels/max-pool-negative");
    const cases = ["max-pool-negative", "mat-mul-batch", "mat-mul-batch-transpose"];
    assertEquals(
      recorded(folder),
      cases.flatMap((name) =>
        ["repaired", "stock"].map((contender) => `kernels,${contender},wasm,kernels/${name}`)
      ),
    );
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

function goldenPlan(id: string): CasePlan {
  const plan = GOLDEN_PLANS.find(({ parityCase }) => parityCase.id === id);
  assert(plan !== undefined, `there is no case ${id}`);
  return plan;
}

Deno.test("golden recordings: six norms have some, each with the framework as its only reference", () => {
  assertEquals(new Set(GOLDEN_PLANS.map(({ norm }) => norm)), new Set(NORMS.slice(0, 6)));
  for (const { references, recordings, parityCase: { id } } of GOLDEN_PLANS) {
    assertEquals(references, {});
    assertEquals(Object.keys(recordings!), [id.includes("keras") ? "keras" : "pytorch"]);
  }
});

/** PyTorch's layer norm adds dgamma and dbeta in the type of the data on CPUs. */
function sumsIn16Bits({ norm, case: { storage } }: ParityRecord): boolean {
  return norm === "layer" && storage !== undefined;
}

Deno.test("golden recordings: dgamma that is added in 16 bits is wrong, y that is stored so is right", async () => {
  const plan = goldenPlan("layer/golden-pytorch-last-two-bfloat16");
  const records = await runCase(plan, ["cpu"], 0);
  const pytorch = records.find(({ role }) => role === "reference")!;
  assertEquals(verdicts(pytorch), { y: "right", dx: "right", dgamma: "wrong", dbeta: "wrong" });
});

testOnEveryBackend("golden files and norms agree", async (backend) => {
  // Compiling and reading back take WebGPU a hundred times longer than the arithmetic.
  const plans = backend === "webgpu"
    ? GOLDEN_PLANS.filter(({ norm }) => norm.name === "batch")
    : GOLDEN_PLANS;
  for (const plan of plans) {
    for (const record of await runCase(plan, [backend], 0)) {
      const off = record.quantities.filter(({ verdict }) => verdict !== "right").map(({ name }) =>
        name
      );
      const isAccused = record.role === "reference" && sumsIn16Bits(record);
      const known = isAccused ? ["dgamma", "dbeta"] : [];
      const unknown = off.filter((name) => !known.includes(name));
      assertEquals(unknown, [], `${record.case.id}, ${record.contender}`);
    }
  }
});

function wrongIn({ quantities }: ParityRecord): string[] {
  return quantities.filter(({ verdict }) => verdict === "wrong").map(({ name }) => name);
}

for (const quantity of ["y", "dx", "dgamma", "dbeta", "movingMean", "movingVariance", "yPredict"]) {
  Deno.test(`golden recordings: a fault in a recorded ${quantity} is the reference's`, async () => {
    const plan = goldenPlan("batch/golden-keras-images");
    const answers = plan.recordings!["keras"]!;
    const spoil = (byName: Answers["outputs"]) =>
      Object.fromEntries(
        Object.entries(byName).map((
          [name, answer],
        ) => [name, name === quantity ? (answer as Float32Array).with(1, 9) : answer]),
      );
    const faulty = { outputs: spoil(answers.outputs), gradients: answers.gradients.map(spoil) };
    for (const record of await runCase({ ...plan, recordings: { keras: faulty } }, ["cpu"], 0)) {
      assertEquals(wrongIn(record), record.role === "reference" ? [quantity] : []);
    }
  });
}
