/**
 * Keeps what docs/architecture.md says of the house: arrows between folders run down, and what is switched
 * on by a name stands in one place.
 */
import { assert, assertEquals } from "@std/assert";
import { dirname, join, normalize, relative } from "node:path";
import { BACKEND_NAMES } from "./harness/backend/registry.ts";
import { inTemporaryFolder } from "./harness/run/task_testing.ts";
import { QUESTIONS } from "./harness/train/questions/registry.ts";
import { NORMS } from "./norms/registry.ts";

const ROOT = import.meta.dirname!;

/** Modules of the product: neither tests nor their helpers. */
function* modules(folder = ROOT): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory && !/^(\.|node_modules$|results$|reference$)/.test(name)) {
      yield* modules(join(folder, name));
    } else if (/(?<!_test|_testing|testing|\.fixture)\.ts$/.test(name)) {
      yield relative(ROOT, join(folder, name));
    }
  }
}

const SOURCES: ReadonlyMap<string, string> = new Map(
  [...modules()].map((path) => [path, Deno.readTextFileSync(join(ROOT, path))]),
);

/** The source without its comments. */
function code(path: string): string {
  return SOURCES.get(path)!.replace(/\/\*[^]*?\*\//g, "").replace(/(?<!:)\/\/.*/g, "");
}

/** The room that a module lies in: a folder below the root, or below harness or norms. */
function roomOf(path: string): string {
  const [first, second, ...rest] = path.split("/");
  if (second === undefined) return "entry points";
  return /^(harness|norms)$/.test(first!) && rest.length > 0 ? `${first}/${second}` : first!;
}

/** The rooms that each room imports from, with one import of each. */
function arrows(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const path of SOURCES.keys()) {
    // Within norms, a record names the types of its parts: arrows are those of the values.
    const text = path.startsWith("norms/")
      ? code(path).replace(/^import type [^;]*;$/gm, "")
      : code(path);
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+\.ts)"/g)) {
      const target = normalize(join(dirname(path), specifier!));
      const [from, to] = [roomOf(path), roomOf(target)];
      if (from === to) continue;
      if (!found.has(from)) found.set(from, new Map());
      found.get(from)!.set(to, `${path} imports ${target}`);
    }
  }
  return found;
}

Deno.test("there is no circle between folders", () => {
  const rooms = arrows();
  const reached = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [from];
    for (const room of open) {
      for (const next of rooms.get(room)?.keys() ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    return seen;
  };
  const circles = [...rooms].flatMap(([from, targets]) =>
    [...targets].filter(([to]) => reached(to).has(from)).map(([, example]) => example)
  );
  assertEquals(circles, []);
});

Deno.test("arrows run down: harness, then reports, models and fixtures, then norms", () => {
  const floors = ["norms", "reports models fixtures", "harness/run", "harness/"];
  const floorOf = (room: string) =>
    room === "entry points"
      ? Infinity
      : room === "harness/run"
      ? 2
      : room.startsWith("harness")
      ? 3
      : floors.findIndex((floor) => floor.includes(room.split("/")[0]!));
  const upwards = [...arrows()].flatMap(([from, targets]) =>
    [...targets].filter(([to]) => floorOf(to) > floorOf(from)).map(([, example]) => example)
  );
  assertEquals(upwards, []);
});

/** Where a source compares with one of the names, looks one up, or has a table of several. */
function decisions(path: string, names: readonly string[]): string[] {
  const name = `"(?:${names.join("|")})"`;
  const comparison = RegExp(
    `(?:[=!]==?|case|\\w\\[|includes\\(|ByName\\()\\s*${name}(?! as)|${name}\\s*[=!]==?`,
  );
  const lines = code(path).split("\n");
  const keys = names.filter((each) => RegExp(`^\\s*"?${each}"?: `, "m").test(code(path)));
  return [
    // The role of an input happens to have the name of a norm.
    ...lines.filter((line) => comparison.test(line) && !/role [=!]== /.test(line)),
    ...(keys.length > 1 ? [`a table of ${keys.join(", ")}`] : []),
  ].map((line) => `${path}: ${line.trim()}`);
}

/** The decisions by a name of one kind, apart from the files that may. */
function deciding(names: readonly string[], allowed: RegExp): string[] {
  return [...SOURCES.keys()].filter((path) => !allowed.test(path))
    .flatMap((path) => decisions(path, names));
}

Deno.test("nothing but a norm's own files and the registry decides by the name of a norm", () => {
  const names = NORMS.flatMap(({ name }) => [name, `tf-${name}`]);
  // Special cases, recordings and frameworks' spellings are listed by norm, and arms of questions choose
  // norms.
  const allowed =
    /^(norms\/(conventions\/)?\w+\.ts|fixtures\/(cases|golden|parity_cases)\b|harness\/train\/questions\/)/;
  assertEquals(deciding(names, allowed), []);
});

Deno.test("nothing but a backend's own files and the registry decides by the name of a backend", () => {
  // Setup and peers name the framework TensorFlow, not the backend.
  const allowed = /^(harness\/(backend|setup)\/|norms\/fused\/)/;
  assertEquals(deciding(BACKEND_NAMES, allowed), []);
});

Deno.test("nothing but a question's own file and the registry decides by the name of a question", () => {
  const names = QUESTIONS.map(({ name }) => name);
  assertEquals(deciding(names, /^harness\/train\/questions\//), []);
});

Deno.test("the library bundles for the browser, without anything of Deno or Node", () =>
  inTemporaryFolder(async (folder) => {
    const bundle = join(folder, "mod.js");
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "browser", "--output", bundle, "mod.ts"],
      cwd: ROOT,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const text = await Deno.readTextFile(bundle);
    assertEquals(
      text.match(/.{0,40}\bDeno\.\w+|.{0,40}(?:from|import\(|require\() *["']node:\w+/g),
      null,
    );
  }));
