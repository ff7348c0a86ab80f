/**
 * The package in use by URL, with no configuration.
 *
 * @module
 */
import { assert, assertStringIncludes } from "@std/assert";
import { join } from "node:path";

const ROOT = import.meta.dirname!;

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
async function elsewhere(use: (url: string, folder: string) => Promise<void>): Promise<void> {
  await using server = serveRepository();
  const folder = await Deno.makeTempDir();
  try {
    await use(`http://127.0.0.1:${server.addr.port}/`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

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
    assertStringIncludes(output, "right true records 2 true");
  }));
