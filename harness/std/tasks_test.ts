/**
 * The tasks of `deno.json` as a user runs them, in a copy of the checkout that holds one small test.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { serveStubRegistry, type StubPackage, type StubRegistry } from "./stub_registry.ts";

const ROOT = join(import.meta.dirname ?? "", "..", "..");

/** The package and its dependency, at the versions of `deno.lock`; the probe shows where they are from. */
const PACKAGES: readonly StubPackage[] = [
  {
    name: "@std/assert",
    version: "1.0.13",
    source: `import { origin } from "jsr:@std/internal@^1.0.6";
export function assertEquals(actual: unknown, _expected: unknown): void {
  throw new Error(\`assertEquals of \${origin()} was given \${actual}\`);
}
`,
  },
  {
    name: "@std/internal",
    version: "1.0.12",
    source: `export function origin(): string {
  return "the registry";
}
`,
  },
];

/** What the probe fails with where `@std` comes from the registry. */
const GIVEAWAY = "assertEquals of the registry was given the probe";

const PROBE = `import { assertEquals } from "@std/assert";
Deno.test("probe", () => assertEquals("the probe", "the probe"));
`;

const FILES = [
  "deno.json",
  "harness/test/main.ts",
  "harness/test/shards.ts",
  "harness/test/test_summary.ts",
  "harness/std/adapter.json",
  "harness/std/assert.ts",
  "harness/std/import_map.ts",
];

/** The part of the lock file that is about JSR: Deno installs all npm packages that a lock names. */
async function jsrLock() {
  const lock = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const specifiers = Object.entries(lock.specifiers).filter(([name]) => name.startsWith("jsr:"));
  const dependencies = lock.workspace.dependencies.filter((name: string) =>
    name.startsWith("jsr:")
  );
  const workspace = { ...lock.workspace, dependencies };
  return { ...lock, specifiers: Object.fromEntries(specifiers), npm: undefined, workspace };
}

/** Makes the copy in `folder`, locked to the real JSR, and returns the text of its lock file. */
async function copyCheckout(folder: string): Promise<string> {
  for (const file of FILES) {
    await Deno.mkdir(join(folder, dirname(file)), { recursive: true });
    await Deno.copyFile(join(ROOT, file), join(folder, file));
  }
  for (const file of ["deno.json", "harness/std/adapter.json"]) {
    const configuration = JSON.parse(await Deno.readTextFile(join(folder, file)));
    const imports = onlyStd(configuration.imports);
    await Deno.writeTextFile(join(folder, file), JSON.stringify({ ...configuration, imports }));
  }
  await Deno.writeTextFile(join(folder, "probe_test.ts"), PROBE);
  return await writeLock(folder, await jsrLock());
}

/** The imports from JSR, or what stands in for them. */
function onlyStd(imports: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(imports).filter(([name]) => name.startsWith("@std/")));
}

async function writeLock(folder: string, lock: unknown): Promise<string> {
  const text = JSON.stringify(lock, null, 2) + "\n";
  await Deno.writeTextFile(join(folder, "deno.lock"), text);
  return text;
}

/** Locks the copy in `folder` to the stub instead, and returns the text of its lock file. */
async function lockToStub(folder: string, registry: StubRegistry): Promise<string> {
  const lock = await jsrLock();
  for (const [name, integrity] of registry.integrities) lock.jsr[name].integrity = integrity;
  return await writeLock(folder, lock);
}

/** Runs a task in `folder` with a separate module cache beside the folder. */
async function runTask(folder: string, registry: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: folder,
    env: { JSR_URL: registry, DENO_DIR: join(folder, "..", "deno"), NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

const withCheckout = (use: (folder: string, lock: string) => Promise<void>) =>
  inTemporaryFolder(async (parent) => {
    const folder = join(parent, "checkout");
    await use(folder, await copyCheckout(folder));
  });

const readLock = (folder: string) => Deno.readTextFile(join(folder, "deno.lock"));

/** Nothing listens there: the port is reserved for discarding what arrives. */
const NO_REGISTRY = "http://127.0.0.1:9/";

Deno.test("tasks take @std from a registry that answers, and leave the lock file as it was", async () => {
  await withCheckout(async (folder) => {
    await using registry = serveStubRegistry(PACKAGES);
    const lock = await lockToStub(folder, registry);

    const { code, output } = await runTask(folder, registry.url, "test");
    assertStringIncludes(output, GIVEAWAY);
    assertMatch(output, /^0 passed, 1 failed$/m);
    assert(code !== 0);
    assertEquals((await runTask(folder, registry.url, "check")).code, 0);
    assertEquals(await readLock(folder), lock);
  });
});

Deno.test("tasks refuse a registry that serves anything but what is locked", async () => {
  await withCheckout(async (folder) => {
    await using registry = serveStubRegistry(PACKAGES);
    const { code, output } = await runTask(folder, registry.url, "test");
    assertStringIncludes(output, "Integrity check failed");
    assertMatch(output, /^0 passed, 1 failed$/m);
    assert(code !== 0);
  });
});

Deno.test("tasks take @std from the adapter elsewhere, and leave the lock file as it was", async () => {
  await withCheckout(async (folder, lock) => {
    const { code, output } = await runTask(folder, NO_REGISTRY, "test");
    assertStringIncludes(output, `${NO_REGISTRY} does not answer`);
    assertMatch(output, /^1 passed, 0 failed$/m);
    assertEquals(code, 0);
    assertEquals((await runTask(folder, NO_REGISTRY, "check")).code, 0);
    assertEquals(await readLock(folder), lock);
  });
});

Deno.test("arguments reach deno test, and a failing test fails the task", async () => {
  await withCheckout(async (folder) => {
    await Deno.writeTextFile(
      join(folder, "probe_test.ts"),
      'Deno.test("a", () => {});\nDeno.test("b", () => {\n  throw new Error("no");\n});\n',
    );
    const { code, output } = await runTask(folder, NO_REGISTRY, "test", "--filter", "b");
    assertMatch(output, /^0 passed, 1 failed, 1 skipped$/m);
    assert(code !== 0);
  });
});

Deno.test("tasks ask where @std comes from where tests or their helpers are read, and only there", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const asking = Object.keys(tasks).filter((name) => tasks[name].command.includes("import_map.ts"));
  assertEquals(asking, ["check", "test", "reliability"]);
});

Deno.test("the adapter stands in for what deno.json names, and the helper asks for that version", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const adapter = JSON.parse(await Deno.readTextFile(join(ROOT, "harness/std/adapter.json")));
  const std = onlyStd(imports);
  assertEquals(Object.keys(std), Object.keys(onlyStd(adapter.imports)));
  // An import map replaces that of deno.json, so it repeats what else is there.
  assertEquals({ ...adapter.imports, ...std }, imports);
  const helper = await Deno.readTextFile(join(ROOT, "harness/std/import_map.ts"));
  for (const specifier of Object.values(std)) {
    const path = specifier.slice("jsr:".length).replace(/@(?=\d)/, "/");
    assertStringIncludes(helper, `"${path}_meta.json"`);
  }
});
