import { assert } from "@std/assert";
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { inTemporaryFolder } from "./harness/run/task_testing.ts";
import configuration from "./deno.json" with { type: "json" };

/** Files whose documentation has examples, as paths from the root. */
function filesWithExamples(): string[] {
  const root = import.meta.dirname!;
  return globSync(["*.ts", "{fixtures,harness,models,norms,reports}/**/*.ts"], { cwd: root })
    .filter((path) => !path.endsWith("_test.ts"))
    .filter((path) => / \* ```ts\n/.test(Deno.readTextFileSync(join(root, path))));
}

/**
 * A copy of the README in `folder` whose examples run in seconds: on drawn images, and few of them.
 *
 * Deno runs the examples of a document as modules beside it; `configurationFor` leads their imports here.
 */
function quickReadme(folder: string): string {
  const text = Deno.readTextFileSync(join(import.meta.dirname!, "README.md"))
    .replaceAll('"fashion-mnist"', '"synthetic"')
    .replaceAll(/train: \d+, epochs: \d+/g, "train: 100, epochs: 1");
  const path = join(folder, "README.md");
  Deno.writeTextFileSync(path, text);
  return path;
}

/** The compiler's options of deno.json; but an example imports its whole module and need not use all. */
function configurationFor(folder: string): string {
  const { noUnusedLocals: _, noUnusedParameters: __, ...strict } = configuration.compilerOptions;
  const address = (path: string) => new URL(path, import.meta.url).href;
  const imports = Object.fromEntries(
    ["mod.ts", "system.ts"].map((name) => {
      const entry = Object.entries(configuration.exports).find(([, path]) => path === `./${name}`)!;
      return [`./${name}`, entry[0]];
    }).flatMap(([path, exported]) => [
      [path, address(path!)],
      [configuration.name + exported!.slice(1), address(path!)],
    ]),
  );
  const path = join(folder, "deno.json");
  Deno.writeTextFileSync(path, JSON.stringify({ compilerOptions: strict, imports }));
  return path;
}

Deno.test("the examples of the README and of the documentation are typed and run", async () => {
  await inTemporaryFolder(async (folder) => {
    const files = [...filesWithExamples(), quickReadme(folder)];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["test", "--quiet", "--doc", "--no-lock", "--node-modules-dir=none"],
        ...["--config", configurationFor(folder), "--allow-all", ...files],
      ],
      cwd: import.meta.dirname!,
      env: { NO_COLOR: "1" },
    }).output();
    const output = new TextDecoder().decode(new Uint8Array([...stdout, ...stderr]));
    assert(success, output);
    const examples = files.flatMap((path) =>
      Deno.readTextFileSync(resolve(import.meta.dirname!, path)).match(/^( \* )?```ts\n/gm) ?? []
    );
    assert(examples.length > 9 && output.includes(`${examples.length} passed`), output);
  });
});
