import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import {
  CONTEXT_LIBRARY,
  KERNELS_LIBRARY,
  kernelSourcesDigest,
  type Manifest,
  readManifest,
  writeManifest,
} from "../backend/tensorflow/manifest.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import type { CommandResult, RunCommand, SetupContext } from "./context.ts";
import { chooseDevice, install, type SetupRequest } from "./install.ts";
import { fakeContext, type FakeMachine, fakeMachine, writeFiles } from "./machine_testing.ts";

const CPU: SetupRequest = {
  device: "cpu",
  runtime: { threads: null, logLevel: 2, memoryGrowth: true },
};
const GPU: SetupRequest = { ...CPU, device: "gpu" };

function testOnMachine(
  name: string,
  test: (machine: FakeMachine, dir: string) => Promise<void>,
  parts: Partial<SetupContext> = {},
): void {
  Deno.test(
    name,
    () => inTemporaryFolder((cache) => test(fakeMachine(parts), join(cache, "tensorflow"))),
  );
}

/** The machine's context, where programs with such arguments fail. */
function failing({ context }: FakeMachine, fails: (args: readonly string[]) => boolean) {
  const run: RunCommand = (program, args, options) =>
    fails(args)
      ? Promise.resolve({ code: 1, stdout: "", stderr: "error" })
      : context.run(program, args, options);
  return { ...context, run };
}

function paths({ files }: Manifest): string[] {
  return files.map(({ path }) => path);
}

/** A manifest without the times at which its files were made. */
function undated({ files, ...rest }: Manifest) {
  return { ...rest, files: files.map(({ modified: _, ...file }) => file) };
}

async function namesBeside(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(join(dir, "..")), ({ name }) => name)).sort();
}

async function failure(request: SetupRequest, machine: FakeMachine, dir: string): Promise<string> {
  const error = await assertRejects(() => install(request, dir, machine.context), MissingError);
  return `${error.message}\n${error.remedy}`;
}

testOnMachine(
  "pip: the libraries, the binding and a manifest are in place, and nothing else",
  async (machine, dir) => {
    const manifest = await install(CPU, dir, machine.context);
    assertEquals(await readManifest(dir), manifest);
    assertEquals(manifest.source, "pip");
    assertEquals(manifest.origin, "tensorflow-cpu 2.21.0 from pip");
    assertEquals(paths(manifest), [
      "package/lib/napi-v8/tfjs_binding.node",
      "tensorflow/libtensorflow_cc.so.2",
      "tensorflow/libtensorflow_framework.so.2",
      "normbench_kernels.so",
      "normbench_context.so",
    ]);
    for (const path of paths(manifest)) await Deno.stat(join(dir, path));
    assertEquals(await namesBeside(dir), ["tensorflow", "tensorflow.lock"]);
    const inside = await namesBeside(join(dir, "package"));
    assertEquals(inside, [
      "manifest.json",
      "normbench_context.so",
      "normbench_kernels.so",
      "package",
      "tensorflow",
    ]);
  },
);

testOnMachine(
  "pip: every wheel has a digest, for any Python, and scratch files stay in the cache",
  async (machine, dir) => {
    await install(CPU, dir, machine.context);
    assertEquals(
      machine.requirements.replace(/[0-9a-f]{64}/, "…"),
      "tensorflow-cpu==2.21.0 --hash=sha256:…\n",
    );
    const pip = machine.ran.find((command) => command.includes("pip install")) ?? "";
    assert(pip.startsWith("/usr/bin/python3.12 -m pip install"), "the interpreter, not a shim");
    assertStringIncludes(pip, "--require-hashes");
    assertStringIncludes(pip, "--python-version 3.12 --implementation cp --abi cp312");
    assertStringIncludes(machine.pipEnv["TMPDIR"] ?? "", `${dir}.unfinished`);
  },
);

testOnMachine(
  "the package's copy shares the TensorFlow.js that is running",
  async (machine, dir) => {
    await install(CPU, dir, machine.context);
    const module = (name: string) => Deno.readTextFile(join(dir, "package", "dist", name));
    assertEquals(
      await module("register_all_kernels.js"),
      'var tf = require("../shared_tfjs.js");',
    );
    assertEquals(
      await module("kernels/Abs.js"),
      'var tf = require("../../shared_tfjs.js");',
    );
    await Deno.stat(join(dir, "package", "shared_tfjs.js"));
  },
);

testOnMachine(
  "a GPU gets the CUDA wheels beside TensorFlow, where its run path looks, and the GPU package",
  async (machine, dir) => {
    const manifest = await install(GPU, dir, machine.context);
    assertEquals(manifest.package, "@tensorflow/tfjs-node-gpu");
    assertEquals(manifest.origin, "tensorflow 2.21.0 from pip");
    await Deno.stat(join(dir, "nvidia", "cudnn", "lib", "libcudnn.so.9"));
    const wheels = machine.requirements.trim().split("\n");
    assert(wheels.length > 10);
    for (const wheel of wheels) {
      assert(/^\S+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/.test(wheel), wheel);
    }
  },
);

testOnMachine(
  "run again, a sound setup stays as it is and takes new options of the runtime",
  async (machine, dir) => {
    const before = await install(CPU, dir, machine.context);
    const after = fakeMachine();
    const runtime = { threads: 3, logLevel: 0, memoryGrowth: false };
    assertEquals(await install({ ...CPU, runtime }, dir, after.context), { ...before, runtime });
    assertEquals(await readManifest(dir), { ...before, runtime });
    assertEquals(after.ran, []);
  },
);

testOnMachine("run again, a damaged library is installed again", async (machine, dir) => {
  await install(CPU, dir, machine.context);
  const library = join(dir, "tensorflow", "libtensorflow_cc.so.2");
  const sound = await Deno.readTextFile(library);
  await Deno.writeTextFile(library, "x".repeat(sound.length));
  await install(CPU, dir, fakeMachine().context);
  assertEquals(await Deno.readTextFile(library), sound);
});

testOnMachine(
  "the fused kernels are compiled against the libraries, and find them where they end up",
  async (machine, dir) => {
    const manifest = await install(CPU, dir, machine.context);
    assertEquals(manifest.kernels, await kernelSourcesDigest());
    const compilation = machine.ran.find((command) => command.includes(KERNELS_LIBRARY)) ?? "";
    assertStringIncludes(compilation, "kernels/rows.cc");
    assertStringIncludes(compilation, "-l:libtensorflow_framework.so.2");
    assertStringIncludes(compilation, "-Wl,-rpath,$ORIGIN/tensorflow");
  },
);

testOnMachine(
  "run again, libraries of other sources are compiled, and nothing is downloaded",
  async (machine, dir) => {
    const before = await install(CPU, dir, machine.context);
    const { kernels: _, ...withoutKernels } = before;
    const { context: __, ...withoutContext } = before;
    const outdated = [
      { ...before, kernels: "of other sources" },
      withoutKernels,
      { ...before, context: "of other sources" },
      withoutContext,
    ];
    for (const manifest of outdated) {
      await writeManifest(dir, manifest);
      const after = fakeMachine();
      after.servers.clear();
      assertEquals(undated(await install(CPU, dir, after.context)), undated(before));
      assertEquals(undated(await readManifest(dir)), undated(before));
      assertEquals(after.ran.filter((command) => command.includes("-shared")).length, 2);
      assert(after.ran.at(-1)!.includes("verify.ts"), "it is tried");
    }
  },
);

testOnMachine(
  "without a compiler stock goes without fused kernels, and says so",
  async (machine, dir) => {
    machine.programs.delete("g++");
    const manifest = await install({ ...CPU, source: "stock" }, dir, machine.context);
    assert(!paths(manifest).includes(KERNELS_LIBRARY));
    const line = machine.told.find((line) => line.includes("no fused kernels")) ?? "";
    assertStringIncludes(line, "No C++ compiler");
    assertStringIncludes(line, "apt install g++");
    machine.programs.add("g++");
    const withCompiler = await install({ ...CPU, source: "stock" }, dir, machine.context);
    assert(paths(withCompiler).includes(KERNELS_LIBRARY));
  },
);

testOnMachine(
  "kernels that do not compile leave a working backend without them",
  async (machine, dir) => {
    const context = failing(machine, (args) => args.some((arg) => arg.endsWith("rows.cc")));
    const manifest = await install(CPU, dir, context);
    assertEquals([manifest.source, manifest.kernels], ["pip", undefined]);
  },
);

testOnMachine(
  "a library of the context that does not compile leaves a working backend without graphs",
  async (machine, dir) => {
    const context = failing(machine, (args) => args.some((arg) => arg.endsWith("context.cc")));
    const manifest = await install(CPU, dir, context);
    assertEquals([manifest.source, manifest.context], ["pip", undefined]);
    assert(!paths(manifest).includes(CONTEXT_LIBRARY));
    assertStringIncludes(machine.told.join("\n"), "no graphs: g++ cannot compile");
  },
);

testOnMachine("run again, another device or source is set up", async (machine, dir) => {
  await install(CPU, dir, machine.context);
  assertEquals((await install(GPU, dir, machine.context)).gpu, true);
  assertEquals(
    (await install({ ...GPU, source: "stock" }, dir, machine.context)).source,
    "stock",
  );
});

testOnMachine("the remains of a killed run are removed", async (machine, dir) => {
  await writeFiles(`${dir}.unfinished`, ["wheels/half.whl"]);
  await writeFiles(`${dir}.former`, ["manifest.json"]);
  await install(CPU, dir, machine.context);
  assertEquals(await namesBeside(dir), ["tensorflow", "tensorflow.lock"]);
});

/** A context that copies the cache at each of its calls, as a SIGKILL there would leave it. */
function leaving(context: SetupContext, cache: string, into: string): SetupContext {
  const kept = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
    copyFolder(cache, join(into, String([...Deno.readDirSync(into)].length)));
    return call(...args);
  };
  const { run, download, unpack } = context;
  return { ...context, run: kept(run), download: kept(download), unpack: kept(unpack) };
}

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    const paths = [join(from, name), join(to, name)] as const;
    if (isDirectory) copyFolder(...paths);
    else Deno.copyFileSync(...paths);
  }
}

for (const [about, before] of [["a first", undefined], ["another", CPU]] as const) {
  Deno.test(`${about} setup that is killed at any step leaves the former one or none`, () =>
    inTemporaryFolder(async (folder) => {
      const [cache, left] = [join(folder, "cache"), join(folder, "left")];
      Deno.mkdirSync(left);
      const dir = join(cache, "tensorflow");
      const machine = fakeMachine();
      const former = before && await install(before, dir, machine.context);
      Deno.mkdirSync(cache, { recursive: true });
      const whole = await install(GPU, dir, leaving(machine.context, cache, left));
      const kills = [...Deno.readDirSync(left)];
      assert(kills.length > 7);
      for (const { name } of kills) {
        const dir = join(left, name, "tensorflow");
        const found = await readManifest(dir).catch(() => undefined);
        assertEquals(found, former);
        assertEquals(undated(await install(GPU, dir, fakeMachine().context)), undated(whole));
        assertEquals(await namesBeside(dir), ["tensorflow", "tensorflow.lock"]);
      }
    }));
}

testOnMachine(
  "a setup that is killed before the new one is in place gives the former one back",
  async (machine, dir) => {
    const former = await install(CPU, dir, machine.context);
    await Deno.rename(dir, `${dir}.former`);
    machine.servers.clear();
    assertEquals(await install(CPU, dir, machine.context), former);
    assertEquals(await namesBeside(dir), ["tensorflow", "tensorflow.lock"]);
  },
);

testOnMachine(
  "stock brings its own binding: it needs no Python and no compiler",
  async (machine, dir) => {
    machine.programs.delete("python3");
    machine.programs.delete("g++");
    const manifest = await install(CPU, dir, machine.context);
    assertEquals(manifest.source, "stock");
    assertEquals(paths(manifest), [
      "package/lib/napi-v8/tfjs_binding.node",
      "package/deps/lib/libtensorflow.so.2",
      "package/deps/lib/libtensorflow_framework.so.2",
    ]);
    assertEquals(manifest.kernels, undefined);
  },
);

testOnMachine("without a compiler nothing is downloaded with pip", async (machine, dir) => {
  machine.programs.delete("g++");
  const message = await failure({ ...CPU, source: "pip" }, machine, dir);
  assertStringIncludes(message, "No C++ compiler");
  assertStringIncludes(message, "apt install g++");
  assertEquals(machine.requirements, "");
});

testOnMachine(
  "after a source that installs and does not work comes the next",
  async (machine, dir) => {
    const working = machine.proof;
    const context = {
      ...machine.context,
      tell: (line: string) => machine.proof = line.includes("stock …") ? working : machine.proof,
    };
    machine.proof = { code: 132, stdout: "", stderr: "Illegal instruction" };
    assertEquals((await install(CPU, dir, context)).source, "stock");
  },
);

testOnMachine(
  "where nothing works, each source has its reason and its remedy, and nothing is left",
  async (machine, dir) => {
    machine.programs.delete("python3");
    machine.servers.delete("libtensorflow/");
    const message = await failure(GPU, machine, dir);
    assertStringIncludes(message, "pip: No Python with pip");
    assertStringIncludes(message, "apt install python3-pip");
    assertStringIncludes(message, "stock: https://storage.googleapis.com/tensorflow/");
    assertStringIncludes(message, "check the network");
    assertStringIncludes(message, "deno task setup --cpu");
    assertStringIncludes(message, "wasm");
    assertEquals(await namesBeside(dir), ["tensorflow.lock"]);
  },
);

testOnMachine("a failed setup leaves the former one working", async (machine, dir) => {
  const before = await install(CPU, dir, machine.context);
  machine.servers.clear();
  await failure(GPU, machine, dir);
  assertEquals(await readManifest(dir), before);
  assertEquals(await install(CPU, dir, machine.context), before);
});

testOnMachine(
  "a full disk is reported before anything large is downloaded",
  async (machine, dir) => {
    const message = await failure(CPU, machine, dir);
    assertStringIncludes(message, "has 0.4 GB free, and the setup needs 3.0 GB");
    assertStringIncludes(message, "XDG_CACHE_HOME");
    assertEquals(machine.requirements, "");
  },
  { freeBytes: () => Promise.resolve(0.4e9) },
);

testOnMachine("other platforms get a remedy", async (machine, dir) => {
  const message = await failure(CPU, machine, dir);
  assertStringIncludes(message, "this is darwin aarch64");
  assertStringIncludes(message, "--tensorflow PATH");
}, { platform: "darwin aarch64" });

testOnMachine("a failing pip is passed on with the remedy", async (machine, dir) => {
  const context = failing(machine, (args) => args.includes("install"));
  const message = await failure({ ...CPU, source: "pip" }, { ...machine, context }, dir);
  assertStringIncludes(message, "pip cannot install tensorflow-cpu 2.21.0");
  assertStringIncludes(message, "pip install --upgrade pip");
});

Deno.test("a libtensorflow that is there is used where it lies", () =>
  inTemporaryFolder(async (root) => {
    const machine = fakeMachine();
    const tensorflow = join(root, "libtensorflow");
    const libraries = ["lib/libtensorflow.so.2", "lib/libtensorflow_framework.so.2"];
    await writeFiles(tensorflow, [...libraries, "include/tensorflow/c/eager/c_api.h"]);
    const dir = join(root, "cache", "tensorflow");
    const manifest = await install({ ...CPU, tensorflow }, dir, machine.context);
    assertEquals(paths(manifest).slice(1), [
      ...libraries.map((name) => join(tensorflow, name)),
      "normbench_kernels.so",
      "normbench_context.so",
    ]);
    const compilations = machine.ran.filter((command) => command.includes("-l:libtensorflow"));
    assertEquals(compilations.length, 2);
    for (const compilation of compilations) {
      assertStringIncludes(compilation, `-Wl,-rpath,${tensorflow}/lib`);
    }
    assertStringIncludes(
      await failure({ ...CPU, tensorflow: root }, machine, dir),
      "does not hold",
    );
  }));

testOnMachine("two setups at once wait for each other", async (machine, dir) => {
  const machines = [machine, fakeMachine()];
  const [first, second] = await Promise.all(
    machines.map(({ context }) => install(CPU, dir, context)),
  );
  assertEquals(first, second);
  assertEquals(machines.filter(({ requirements }) => requirements !== "").length, 1);
  const told = machines.flatMap(({ told }) => told);
  assert(told.includes("Waiting for another setup to end …"));
});

function withDriver(answer: Partial<CommandResult>) {
  return fakeContext({
    run: (program) => {
      assertEquals(program, "nvidia-smi");
      return Promise.resolve({ code: 0, stdout: "", stderr: "", ...answer });
    },
  });
}

const CARD = "GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-1)";

Deno.test("the GPU is chosen where an NVIDIA driver names one", async () => {
  assertEquals(await chooseDevice(undefined, withDriver({ stdout: CARD })), "gpu");
});

Deno.test("the processor is chosen without a driver, and without a card", async () => {
  assertEquals(await chooseDevice(undefined, withDriver({ code: 127 })), "cpu");
  assertEquals(await chooseDevice(undefined, withDriver({ code: 9, stdout: CARD })), "cpu");
  assertEquals(await chooseDevice(undefined, withDriver({ stdout: "No devices found" })), "cpu");
});

Deno.test("what the user asks for is used without a check", async () => {
  const context = fakeContext({ run: () => Promise.reject(new Error("asked")) });
  assertEquals(await chooseDevice("gpu", context), "gpu");
  assertEquals(await chooseDevice("cpu", context), "cpu");
});
