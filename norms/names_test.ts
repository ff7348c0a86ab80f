import { assert, assertEquals } from "@std/assert";
import { join, relative } from "node:path";
import { NORMS } from "./registry.ts";

const ROOT = join(import.meta.dirname!, "..");

/** Files that choose norms on purpose: tests, arms of questions, and what belongs to one norm. */
const MAY_NAME = [
  /_(test|testing)\.ts$/,
  /^norms\/(oracle\/)?\w+_norm\.ts$/,
  /^fixtures\/(golden|cases)\//,
  /^fixtures\/parity_cases\.ts$/,
  /^harness\/(replay|train\/questions)\//,
];

function* sources(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(join(ROOT, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

Deno.test("no module switches on the name of a norm", () => {
  const names = NORMS.map(({ name }) => name).join("|");
  const aSwitch = new RegExp(
    // A comparison, but for that of an input's role; a case; a look-up by a literal name.
    `(?<!\\brole )[!=]== "(${names})"|\\bcase "(${names})"|normByName\\("(${names})"\\)|"tf-(${names})"`,
  );
  assert(aSwitch.test('if (norm === "weight")') && !aSwitch.test('role === "weight"'));
  const found = ["norms", "models", "fixtures", "harness", "reports"]
    .flatMap((folder) => [...sources(folder)])
    .filter((path) => !MAY_NAME.some((allowed) => allowed.test(path)))
    .flatMap((path) =>
      Deno.readTextFileSync(join(ROOT, path)).split("\n")
        .filter((line) => !/^\s*(\*|\/\/)/.test(line) && aSwitch.test(line))
        .map((line) => `${relative(ROOT, join(ROOT, path))}: ${line.trim()}`)
    );
  assertEquals(found, []);
});
