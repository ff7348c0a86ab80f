/**
 * The package: what would be published, and its use by URL with no configuration.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { inTemporaryFolder } from "./harness/run/task_testing.ts";
import configuration from "./deno.json" with { type: "json" };

const ROOT = import.meta.dirname!;

/** Bytes that a package may have. */
const MOST = { modules: 2.2e6, others: 0.5e6 };

interface Output {
  readonly success: boolean;
  readonly stdout: string;
  readonly output: string;
}

/** Runs deno in the folder `cwd`. */
async function deno(cwd: string, ...args: string[]): Promise<Output> {
  const { success, ...bytes } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const [stdout, stderr] = [bytes.stdout, bytes.stderr].map((text) =>
    new TextDecoder().decode(text)
  );
  return { success, stdout: stdout!, output: stdout! + stderr! };
}

/** The files that `deno publish` would send, as paths from the root. */
async function publishedFiles(): Promise<string[]> {
  const { success, output } = await deno(
    ROOT,
    ...["publish", "--dry-run", "--allow-dirty", "--allow-slow-types", "--no-check"],
  );
  assert(success, output);
  const root = new URL("./", import.meta.url).href;
  return [...output.matchAll(/^ +(file:\S+) \(/gm)].map(([, url]) => url!.slice(root.length));
}

/** The modules that the entry points of the package import, as paths from the root. */
async function importedModules(): Promise<Set<string>> {
  const graphs = await Promise.all(
    Object.values(configuration.exports).map((entry) => deno(ROOT, "info", "--json", entry)),
  );
  const root = new URL("./", import.meta.url).href;
  return new Set(graphs.flatMap(({ stdout }) => {
    const { modules }: { modules: { specifier: string }[] } = JSON.parse(stdout);
    return modules.map(({ specifier }) => specifier.slice(root.length));
  }));
}

/** Modules that a task runs in a process of their own. */
const RUN_APART = ["harness/setup/verify.ts"];

Deno.test("the package holds the modules that its entry points need, and little else", async () => {
  const [files, imported] = await Promise.all([publishedFiles(), importedModules()]);
  const modules = files.filter((path) => path.endsWith(".ts"));
  assertEquals(modules.filter((path) => !imported.has(path)).sort(), RUN_APART);
  const others = files.filter((path) => !path.endsWith(".ts"));
  for (const path of others) assertMatch(path, /^(LICENSE|README\.md)$|\.(json|npz|cc|h|py)$/);
  assert(["LICENSE", "README.md", "deno.json"].every((path) => others.includes(path)));

  const sizeOf = (paths: readonly string[]) =>
    paths.reduce((sum, path) => sum + Deno.statSync(join(ROOT, path)).size, 0);
  assertLess(sizeOf(modules), MOST.modules);
  assertLess(sizeOf(others), MOST.others);
});

/** Serves the repository's files, as a web server or a CDN does. */
function serveRepository(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    const type = path.endsWith(".ts") ? "application/typescript" : "application/octet-stream";
    try {
      const headers = { "content-type": path.endsWith(".json") ? "application/json" : type };
      return new Response(await Deno.readFile(join(ROOT, path)), { headers });
    } catch {
      return new Response("there is no such file", { status: 404 });
    }
  });
}

/** Calls `use` with the URL of a server of the repository, and with an empty folder. */
const elsewhere = (use: (url: string, folder: string) => Promise<void>) =>
  inTemporaryFolder(async (folder) => {
    await using server = serveRepository();
    await use(`http://127.0.0.1:${server.addr.port}/`, folder);
  });

Deno.test("mod.ts works when it is imported by URL, with no import map", () =>
  elsewhere(async (url, folder) => {
    await Deno.writeTextFile(
      join(folder, "main.ts"),
      `
    import * as tf from "npm:@tensorflow/tfjs@4.22.0";
    import { batchNormalization, parity, renderReport } from "${url}mod.ts";

    const { y } = batchNormalization(tf.tensor2d([[1], [3]]), { training: true, epsilon: 0 });
    console.log("y", ...y.dataSync());
    const { isRight, records } = await parity(({ x, gamma, beta }, { epsilon }) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
    }, { norm: "layer", shape: [8, 16], options: { epsilon: 1e-3 }, backend: "wasm" });
    const { html } = await renderReport(records);
    console.log("right", isRight, "records", records.length, html.startsWith("<!DOCTYPE html>"));
  `,
    );
    const rights = ["--allow-read", "--allow-env", "--allow-import=127.0.0.1"];
    const { success, output } = await deno(
      folder,
      ...["run", "--quiet", "--check", ...rights, "main.ts"],
    );
    assert(success, output);
    assertStringIncludes(output, "y -1 1");
    assertStringIncludes(output, "right true records 3 true");
  }));

Deno.test("every task starts by URL, in a folder that is no clone", () =>
  elsewhere(async (url, folder) => {
    for (const [name, entry] of Object.entries(configuration.exports)) {
      if (!entry.endsWith("/main.ts")) continue;
      const args = ["run", "--quiet", "--allow-all", new URL(entry, url).href, "--help"];
      const { success, stdout, output } = await deno(folder, ...args);
      assert(success, output);
      assertStringIncludes(stdout, `deno task ${name.slice("./".length)}`);
    }
  }));

Deno.test("parity runs by URL: recordings and all", () =>
  elsewhere(async (url, folder) => {
    const entry = new URL(configuration.exports["./parity"], url).href;
    const { success, output } = await deno(
      folder,
      ...["run", "--quiet", "--allow-all", entry],
      ...["--backend", "cpu", "--case", "layer/dense,layer/golden", "--out", "out"],
    );
    assert(success, output);
    assertStringIncludes(await Deno.readTextFile(join(folder, "out", "report.md")), "golden-keras");
  }));
