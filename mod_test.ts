import { assert, assertStringIncludes } from "@std/assert";
import { join } from "node:path";

/** Serves the repository's files, as a web server or a CDN does. */
function serveRepository(): Deno.HttpServer<Deno.NetAddr> {
  const root = import.meta.dirname!;
  return Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    try {
      const text = await Deno.readTextFile(join(root, path));
      return new Response(text, { headers: { "content-type": "application/typescript" } });
    } catch {
      return new Response("there is no such file", { status: 404 });
    }
  });
}

/** Runs a program of its own in an empty folder: no configuration, no import map, no lock file. */
async function runElsewhere(program: string): Promise<{ success: boolean; output: string }> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "main.ts"), program);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--check",
        "--allow-read",
        "--allow-env",
        "--allow-import=127.0.0.1",
        "main.ts",
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, output: decode(stdout) + decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("mod.ts works when it is imported by URL, with no import map", async () => {
  await using server = serveRepository();
  const { success, output } = await runElsewhere(`
    import * as tf from "npm:@tensorflow/tfjs@4.22.0";
    import { batchNormalization, parity, renderReport } from "http://127.0.0.1:${server.addr.port}/mod.ts";

    const { y } = batchNormalization(tf.tensor2d([[1], [3]]), { training: true, epsilon: 0 });
    console.log("y", ...y.dataSync());
    const { isRight, records } = await parity(({ x, gamma, beta }, { epsilon }) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
    }, { norm: "layer", shape: [8, 16], options: { epsilon: 1e-3 }, backend: "wasm" });
    const { html } = await renderReport(records);
    console.log("right", isRight, "records", records.length, html.startsWith("<!DOCTYPE html>"));
  `);
  assert(success, output);
  assertStringIncludes(output, "y -1 1");
  assertStringIncludes(output, "right true records 2 true");
});

/** The modules below `folder` whose documentation has examples. */
function modulesWithExamples(folder: string): string[] {
  const root = import.meta.dirname!;
  return [...Deno.readDirSync(join(root, folder))]
    .filter(({ name, isFile }) => isFile && name.endsWith(".ts") && !name.endsWith("_test.ts"))
    .map(({ name }) => join(folder, name))
    .filter((path) => Deno.readTextFileSync(join(root, path)).includes(" * @example"));
}

Deno.test("the examples in the documentation run", async () => {
  const modules = [".", "norms", "norms/layers", "harness/parity", "harness/gradcheck", "fixtures"]
    .flatMap(modulesWithExamples);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--doc", "--no-check", "--allow-read", "--allow-env", ...modules],
    cwd: import.meta.dirname!,
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(new Uint8Array([...stdout, ...stderr]));
  assert(success, output);
  const examples =
    modules.flatMap((path) =>
      Deno.readTextFileSync(join(import.meta.dirname!, path)).split(" * @example").slice(1)
    ).length;
  assert(examples > 3 && output.includes(`${examples} passed`), output);
});
