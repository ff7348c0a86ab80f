/**
 * A pack where it is used: in another folder, without a network, a home or any variable.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifestPath, tensorflowDir } from "../backend/tensorflow/manifest.ts";
import { VERSION } from "../run/environment.ts";
import { readRecords } from "../run/run_folder.ts";
import { exists } from "../run/machine.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { PARITY_KINDS } from "../parity/record.ts";
import { TRAIN_KINDS } from "../train/record.ts";
import { tensorflowFiles } from "./contents.ts";
import { MANIFEST, type Manifest } from "./manifest.ts";
import { pack } from "./task.ts";
import { PACKED_TASKS } from "./tasks.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** Bytes that a pack may have without data and TensorFlow. */
const MOST = 50e6;

/** Nobody listens there. */
const NO_PROXY_THERE = "http://127.0.0.1:9/";

/** Runs a program with these variables and no others. */
async function run(command: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(command[0]!, {
    args: command.slice(1),
    cwd,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, NO_COLOR: "1", ...env },
  }).output();
  const [output, errors] = [stdout, stderr].map((text) => new TextDecoder().decode(text));
  return { code, output: output!, errors: errors! };
}

/** What runs a program in a network namespace without interfaces; nothing where none can be made. */
async function withoutNetwork(): Promise<string[]> {
  for (const flags of [["--net"], ["--map-root-user", "--net"]]) {
    const { code } = await run(["unshare", ...flags, "true"], ROOT).catch(() => ({ code: 1 }));
    if (code === 0) return ["unshare", ...flags];
  }
  return [];
}

Deno.test("a pack runs without a network, a home or any variable", async (t) => {
  const isolated = await withoutNetwork();
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.tar.gz");
    const tensorflow = false;
    const options = { dataset: "none", compress: "gzip", out: path, tensorflow } as const;
    await pack({ ...options, dataDir: undefined, deno: undefined });
    assertLess((await Deno.stat(path)).size, MOST);

    const place = join(folder, "a place");
    await Deno.mkdir(place);
    assertEquals((await run(["tar", "-xzf", path], place)).code, 0);
    const unpacked = join(place, `normbench-${VERSION}-${Deno.build.os}-${Deno.build.arch}`);
    const manifest: Manifest = JSON.parse(await Deno.readTextFile(join(unpacked, MANIFEST)));
    const elsewhere = join(folder, "work");
    await Deno.mkdir(elsewhere);
    await Deno.symlink(join(unpacked, "normbench"), join(folder, "link"));
    const normbench = (...args: string[]) => {
      const proxies = isolated.length > 0
        ? {}
        : { HTTP_PROXY: NO_PROXY_THERE, HTTPS_PROXY: NO_PROXY_THERE };
      return run([...isolated, "../link", ...args], elsewhere, proxies);
    };

    await t.step("the manifest has the digest of every file", async () => {
      const files = globSync("**", { cwd: unpacked, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(unpacked.length + 1));
      assertEquals(files.filter((file) => file !== MANIFEST).sort(), Object.keys(manifest.files));
      for (const [file, { sha256 }] of Object.entries(manifest.files)) {
        const bytes = await Deno.readFile(join(unpacked, file));
        assertEquals(createHash("sha256").update(bytes).digest("hex"), sha256, file);
      }
      assertEquals(manifest.deno, Deno.version.deno);
    });

    await t.step("the start script names its tasks, and starts no other", async () => {
      const { code, errors } = await normbench("setup");
      assertEquals(code, 2);
      assertStringIncludes(errors, ` ${PACKED_TASKS.map(({ name }) => name).join("|")} `);
    });

    await t.step("a task writes nothing into a home", async () => {
      const home = join(folder, "home");
      await Deno.mkdir(home);
      const { output } = await run(["../link", "train", "--help"], elsewhere, { HOME: home });
      assertStringIncludes(output, "Usage: ./normbench train");
      assertEquals([...Deno.readDirSync(home)], []);
    });

    const backends = ["cpu", "wasm"];
    await t.step("doctor names the backends, and the commit of the pack", async () => {
      const { code, output, errors } = await normbench("doctor");
      assertEquals({ code, errors }, { code: 0, errors: "" });
      assertStringIncludes(output, `Normbench ${VERSION}, commit ${manifest.commit}`);
      const works = (name: string) => RegExp(`^\\W+${name} +4`, "m").test(output);
      assert(backends.every(works), output);
      if (works("webgpu")) backends.push("webgpu");
    });

    await t.step({
      name: "doctor finds a packed TensorFlow with its fused kernels",
      ignore: !exists(manifestPath(tensorflowDir())),
      async fn() {
        const { files } = await tensorflowFiles(tensorflowDir());
        for (const { path, content } of files) {
          const target = join(unpacked, path);
          await Deno.mkdir(dirname(target), { recursive: true });
          if (content instanceof Uint8Array) await Deno.writeFile(target, content);
          else await Deno.symlink(content.source, target); // Libraries of a gigabyte.
        }
        const { output } = await normbench("doctor");
        assertMatch(output, /^\W+tensorflow +\d[^]*?^ +fused kernels$/m);
      },
    });

    await t.step("parity judges the norms, and report renders its records again", async () => {
      const chosen = ["--norm", "layer", "--case", "prime,golden", "--backend", backends.join()];
      const { code, errors } = await normbench("parity", ...chosen, "--out", "parity");
      assertEquals(code, 0, errors);
      const records = readRecords(join(elsewhere, "parity"), PARITY_KINDS);
      const results = records.filter((record) => record.kind === "parity");
      assertEquals([...new Set(results.map(({ backend }) => backend))].sort(), backends.sort());
      assert(results.some((result) => result.case.id.includes("golden")));

      assertEquals((await normbench("report", "parity", "--out", "again")).code, 0);
      const [first, again] = ["parity", "again"].map((name) =>
        Deno.readTextFileSync(join(elsewhere, name, "report.md"))
      );
      assertEquals(again, first);
    });

    await t.step("train trains", async () => {
      const chosen = ["--dataset", "synthetic", "--suite", "with-without", "--shard", "1/4"];
      const small = ["--trials", "1", "--epochs", "1", "--norm", "layer", "--backend", "wasm"];
      const { code, errors } = await normbench("train", ...chosen, ...small, "--out", "train");
      assertEquals(code, 0, errors);
      const records = readRecords(join(elsewhere, "train", "shard-1-of-4"), TRAIN_KINDS);
      assertEquals(records.filter(({ kind }) => kind === "trial").length, 1);
    });

    await t.step("bench times", async () => {
      const chosen = ["--norm", "rms", "--shape", "16x16", "--backend", "wasm"];
      const { code, output, errors } = await normbench("bench", ...chosen, "--out", "bench");
      assertEquals(code, 0, errors);
      assertStringIncludes(output, "Custom norms were timed");
    });
  });
});

Deno.test("what is imported or read at an address is in a pack", () => {
  const bundled = Deno.readTextFileSync(join(ROOT, "harness/pack/packed.ts"));
  const modules = globSync("{fixtures,harness,models,norms,reports}/**/*.ts", { cwd: ROOT })
    .filter((path) => !/(_test|testing)\.ts$/.test(path));
  const imported: string[] = [];
  for (const path of modules) {
    const text = Deno.readTextFileSync(join(ROOT, path));
    if (!text.includes("importSystemModule")) continue;
    imported.push(...[...text.matchAll(/path = "([^"]+)"/g)].map(([, module]) => module!));
  }
  assert(imported.length > 3);
  assertEquals(imported.filter((module) => !bundled.includes(`"${module}"`)), []);

  // An address that is made from a module's own would be another one in a bundle.
  const apart =
    /^harness\/(pack|parity\/defects|reliability|setup|std|test)\/|^norms\/fused\/wasm\/build\.ts$/;
  const own = /new URL\((?!"\.",)[^)]*import\.meta\.url/;
  const addressed = modules.filter((path) =>
    !apart.test(path) && own.test(Deno.readTextFileSync(join(ROOT, path)))
  );
  assertEquals(addressed, ["harness/run/runtime.ts"]);
});
