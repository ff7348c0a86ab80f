import {
  assertEquals,
  assertLessOrEqual,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import * as tf from "../../../norms/basics/tf.ts";
import { MissingError } from "../../../norms/basics/errors.ts";
import { compile } from "../../../models/compile.ts";
import { hasNativeKernels } from "../../../norms/fused/tensorflow/tensorflow_kernels.ts";
import {
  bindingPath,
  packageDir,
  readManifest,
  sharedTfjsPath,
  tensorflowDir,
  writeManifest,
} from "./manifest.ts";
import { anyManifest } from "./manifest_testing.ts";
import { inTemporaryFolder, runProgram } from "../../run/task_testing.ts";
import { gpuNames, loadTensorflow, whyNoGpu } from "./load.ts";
import { testOn } from "../backends_testing.ts";

Deno.test("without a setup the remedy is named", () =>
  inTemporaryFolder(async (dir) => {
    const error = await assertRejects(() => loadTensorflow(dir), MissingError, "not set up");
    assertEquals(error.remedy, "run `deno task setup`");
  }));

Deno.test({
  name: "without any permission the backend is missing, without a prompt",
  permissions: "none",
  fn: async () => {
    const error = await assertRejects(loadTensorflow, MissingError, "cache folder");
    assertStringIncludes(error.remedy, "--allow-env");
  },
});

Deno.test("a library that is gone is named with the remedy", () =>
  inTemporaryFolder(async (dir) => {
    const files = [{ path: "tensorflow/libtensorflow_cc.so.2", size: 1, sha256: "" }];
    await writeManifest(dir, { ...anyManifest(), files });
    const error = await assertRejects(() => loadTensorflow(dir), MissingError);
    assertStringIncludes(error.message, "tensorflow/libtensorflow_cc.so.2 is gone");
    assertEquals(error.remedy, "run `deno task setup`");
  }));

Deno.test({
  name: "a setup that may not be loaded names the permission",
  permissions: { read: true, write: true, env: true, ffi: false },
  fn: () =>
    inTemporaryFolder(async (dir) => {
      await writeManifest(dir, anyManifest());
      const error = await assertRejects(() => loadTensorflow(dir), MissingError, "permission ffi");
      assertStringIncludes(error.remedy, "--allow-ffi");
    }),
});

Deno.test({
  name: "a setup whose runtime may not be configured names the variables",
  permissions: { read: true, write: true, env: ["HOME"], ffi: "inherit" },
  ignore: (await Deno.permissions.query({ name: "ffi" })).state !== "granted",
  fn: () =>
    inTemporaryFolder(async (dir) => {
      await writeManifest(dir, anyManifest());
      const error = await assertRejects(() => loadTensorflow(dir), MissingError, "permission env");
      assertStringIncludes(
        error.remedy,
        "--allow-env=TF_CPP_MIN_LOG_LEVEL,TF_FORCE_GPU_ALLOW_GROWTH",
      );
    }),
});

testOn("tensorflow", "runs on the TensorFlow.js that was there before", async () => {
  assertEquals(tf.getBackend(), "tensorflow");
  assertEquals((await tf.tensor1d([1, 2, 3]).square().data()).join(), "1,4,9");
  assertMatch((await loadTensorflow()).version, /^\d+\.\d+/);
});

testOn("tensorflow", "loading it twice changes nothing", async () => {
  assertEquals(await loadTensorflow(), await loadTensorflow());
});

testOn(
  "tensorflow",
  "libraries of other sources are not loaded, and the remedy is named",
  async () => {
    const dir = tensorflowDir();
    const manifest = await readManifest(dir);
    await inTemporaryFolder(async (copy) => {
      for (const { name } of Deno.readDirSync(dir)) {
        if (name !== "manifest.json") await Deno.symlink(join(dir, name), join(copy, name));
      }
      const other = "of other sources";
      await writeManifest(copy, { ...manifest, kernels: other, context: other });
      const { notes, hasFusedKernels, hasGraphs } = await loadTensorflow(copy);
      assertEquals([hasFusedKernels, hasGraphs], [false, false]);
      assertEquals(notes.slice(-2), [
        "no steps as graphs: run `deno task setup`",
        "no fused kernels: run `deno task setup`",
      ]);
    });
  },
);

testOn("tensorflow", "the backend says whether it has graphs and fused kernels", async () => {
  const { notes, hasFusedKernels, hasGraphs } = await loadTensorflow();
  assertEquals(compile(() => {}).mode === "graph", hasGraphs);
  assertEquals(notes.at(-2)!.startsWith("steps as graphs"), hasGraphs);
  assertEquals(hasFusedKernels, hasNativeKernels());
  assertEquals(notes.at(-1)!.startsWith("fused kernels"), hasFusedKernels);
});

testOn(
  "tensorflow",
  "a binding that does not load is named with the remedy",
  () =>
    inTemporaryFolder(async (dir) => {
      await writeManifest(dir, anyManifest());
      await Deno.mkdir(join(bindingPath(dir), ".."), { recursive: true });
      await Deno.writeTextFile(bindingPath(dir), "not a library");
      await Deno.writeTextFile(join(packageDir(dir), "package.json"), "{}");
      await Deno.writeTextFile(sharedTfjsPath(dir), "");
      const error = await assertRejects(() => loadTensorflow(dir), MissingError, "does not load");
      assertStringIncludes(error.remedy, "deno task setup");
    }),
);

testOn("tensorflow", "works after webgpu, whose driver may load another LLVM", async () => {
  const { code, output, errors } = await runProgram(
    `
    import { useBackend } from "${new URL("../active_backend.ts", import.meta.url)}";
    for (const name of ["webgpu", "tensorflow"]) {
      await useBackend(name).then(() => console.log(name), () => {});
    }
    `,
    ...["--allow-read", "--allow-env", "--allow-ffi", "--allow-sys"],
  );
  assertEquals(code, 0, errors);
  assertEquals(output.trim().split("\n").at(-1), "tensorflow");
});

testOn("tensorflow", "a gradient goes through the tape", async () => {
  const loss = (x: tf.Tensor) => x.sub(x.mean()).square().mean().sqrt();
  const gradient = await tf.grad(loss)(tf.tensor1d([1, 2, 4, 9])).data();
  // (x - mean) / (n deviation), with the mean 4 and the variance 9.5.
  const expected = [-3, -2, 0, 5].map((centred) => centred / (4 * Math.sqrt(9.5)));
  gradient.forEach((value, i) => assertLessOrEqual(Math.abs(value - expected[i]!), 2 ** -24));
});

function withDriver(test: (driver: string) => void): Promise<void> {
  return inTemporaryFolder(async (driver) => {
    const card = `${driver}/gpus/0000:01:00.0`;
    await Deno.mkdir(card, { recursive: true });
    await Deno.writeTextFile(
      `${card}/information`,
      "Model: \t\t NVIDIA GeForce RTX 4090\nIRQ: 1\n",
    );
    test(driver);
  });
}

Deno.test("the driver's files name the cards", () =>
  withDriver((driver) => assertEquals(gpuNames(driver), ["NVIDIA GeForce RTX 4090"])));

Deno.test("without a driver there is no card", () => {
  assertEquals(gpuNames("no such folder"), []);
  assertEquals(whyNoGpu(true, "no such folder"), "no NVIDIA driver answers");
});

Deno.test("the reason for running on the processor fits the setup", () =>
  withDriver((driver) => {
    assertStringIncludes(whyNoGpu(false, driver), "deno task setup --gpu");
    assertStringIncludes(whyNoGpu(true, driver), "did not start CUDA on NVIDIA GeForce RTX 4090");
  }));
