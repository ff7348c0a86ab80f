import { assert, assertEquals, assertLess } from "@std/assert";
import { join } from "node:path";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { currentFinding, LIFETIME, registryAnswers } from "./import_map.ts";
import { serveStubRegistry, type StubPackage } from "./stub_registry.ts";

/** Longest time in milliseconds that finding out may take: the patience, and room for a busy machine. */
const BOUND = 4000;

const PACKAGES: readonly StubPackage[] = [
  { name: "@std/assert", version: "1.0.13", source: "export {};\n" },
];

/** A server that accepts connections and never answers, as a network that drops packets. */
function serveSilence(): { url: string } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of connections) connection.close();
    },
  };
}

/** Runs the helper as a task does, in the folder `cwd`, and takes its time in milliseconds. */
async function runHelper(cwd: string, registry: string): Promise<{ flag: string; took: number }> {
  const args = ["run", "-q", "--no-config", "--no-lock", "--allow-all"];
  const started = performance.now();
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...args, join(import.meta.dirname ?? "", "import_map.ts")],
    cwd,
    env: { JSR_URL: registry },
    stderr: "null",
  }).output();
  const took = performance.now() - started;
  return { flag: new TextDecoder().decode(stdout).trim(), took };
}

Deno.test("a registry answers when it serves the package, with or without a slash", async () => {
  await using registry = serveStubRegistry(PACKAGES);
  assertEquals(await registryAnswers(registry.url), true);
  assertEquals(await registryAnswers(registry.url.slice(0, -1)), true);
});

Deno.test("a registry that lacks the package, or a portal that answers with a page, does not count", async () => {
  await using registry = serveStubRegistry([]);
  assertEquals(await registryAnswers(registry.url), false);

  const portal = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<p>Please log in.</p>"),
  );
  assertEquals(await registryAnswers(`http://127.0.0.1:${portal.addr.port}/`), false);
  await portal.shutdown();
});

Deno.test("a server that never answers times out", async () => {
  using silence = serveSilence();
  const started = performance.now();
  assertEquals(await registryAnswers(silence.url, 100), false);
  assertLess(performance.now() - started, BOUND);
});

Deno.test("a finding is kept for its lifetime, for one registry and one module cache", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "kept", "findings.json");
    const registry = serveStubRegistry(PACKAGES);
    assertEquals(await currentFinding(registry.url, "a", 1000, path), {
      answers: true,
      asked: 1000,
    });
    await registry[Symbol.asyncDispose]();

    const find = (cache: string, now: number) => currentFinding(registry.url, cache, now, path);
    assertEquals((await find("a", 999 + LIFETIME)).answers, true, "still known");
    assertEquals((await find("b", 2000)).answers, false, "another module cache");
    assertEquals((await find("a", 2000)).answers, true, "not disturbed by the other");
    assertEquals((await find("a", 1000 + LIFETIME)).answers, false, "too old");
    assertEquals((await find("a", 1000 + LIFETIME)).asked, 1000 + LIFETIME);
  });
});

Deno.test("a finding from the future is ignored: the clock was set back", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "findings.json");
    await Deno.writeTextFile(path, '{"http://127.0.0.1:9 a":{"answers":true,"asked":2000}}');
    assertEquals((await currentFinding("http://127.0.0.1:9", "a", 1000, path)).answers, false);
  });
});

Deno.test("a damaged file of findings, or one that cannot be written, costs only the question", async () => {
  await inTemporaryFolder(async (folder) => {
    await using registry = serveStubRegistry(PACKAGES);
    const damaged = join(folder, "findings.json");
    await Deno.writeTextFile(damaged, '{"http');
    assertEquals((await currentFinding(registry.url, "a", 0, damaged)).answers, true);
    assertEquals(
      (await currentFinding(registry.url, "a", 0, join(damaged, "below"))).answers,
      true,
    );
  });
});

Deno.test("the helper prints nothing where the registry answers", async () => {
  await inTemporaryFolder(async (folder) => {
    await using registry = serveStubRegistry(PACKAGES);
    assertEquals((await runHelper(folder, registry.url)).flag, "");
  });
});

Deno.test("the helper prints the flag, never hangs, and takes under 0.1 s once it knows", async () => {
  await inTemporaryFolder(async (folder) => {
    using silence = serveSilence();
    // The second address is reserved for documentation: no machine has it.
    for (const registry of [silence.url, "http://192.0.2.1/"]) {
      const first = await runHelper(folder, registry);
      assertEquals(first.flag, "--import-map=harness/std/adapter.json");
      assertLess(first.took, BOUND);

      const later = [];
      for (let i = 0; i < 5; i++) later.push(await runHelper(folder, registry));
      assert(later.every(({ flag }) => flag === first.flag));
      assertLess(Math.min(...later.map(({ took }) => took)), 100);
    }
  });
});
