/**
 * Writes the files that reproduce the counterexamples of a run, each of which was seen to fail alone.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../../norms/basics/errors.ts";
import { weightName } from "../../../norms/basics/subject.ts";
import type { Layer } from "../../../norms/basics/tensor.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { uniqueSlugs } from "../../../reports/escape.ts";
import { fileAddress } from "../../run/runtime.ts";
import type { Counterexample } from "./record.ts";
import { pythonTwin } from "./python_twin.ts";
import { type Callee, complaint, reproduction, tfjsBackend } from "./reproduce.ts";

/** The folder of the files, in that of the run. */
const FOLDER = "repro";

/** Milliseconds that a file may take. */
const TIMEOUT = 60_000;

/** A file that fails alone, or why there is none. */
export interface ReproFile {
  readonly example: Counterexample;
  /** The TypeScript file; left out where none is written. */
  readonly path?: string;
  /** The Python file that shows what another framework answers. */
  readonly twin?: string;
  /** What else is to be said of it. */
  readonly note?: string;
}

/**
 * Writes a file for each counterexample of norms of a user's module.
 *
 * @param run Folder of the run.
 */
export async function writeRepros(
  run: string,
  module: string,
  examples: readonly Counterexample[],
): Promise<ReproFile[]> {
  const folder = join(run, FOLDER);
  const names = uniqueSlugs(examples.map(({ contender, quantity }) => `${contender}-${quantity}`));
  const written: ReproFile[] = [];
  for (const [index, example] of examples.entries()) {
    const path = join(folder, `${names[index]!}.ts`);
    const callee = await calleeOfModule(module, folder, example);
    const twin = pythonTwin(example);
    await Deno.mkdir(folder, { recursive: true });
    const twinPath = join(folder, `${names[index]!}.py`);
    if (twin !== undefined) await Deno.writeTextFile(twinPath, twin);
    written.push({
      example,
      ...await writeRepro(path, example, callee),
      ...(twin !== undefined && { twin: twinPath }),
    });
  }
  return written;
}

/** Writes the file if it fails alone, on the plainest backend on which it does. */
export async function writeRepro(
  path: string,
  example: Counterexample,
  callee: Callee,
): Promise<Pick<ReproFile, "path" | "note">> {
  const own = tfjsBackend(example.backend);
  const backends = [...new Set([PLAIN, own])];
  const trial = join(dirname(path), `.${basename(path)}`);
  let seen = "";
  try {
    for (const backend of backends) {
      await Deno.writeTextFile(trial, reproduction(example, callee, backend));
      const { code, output } = await runAlone(trial);
      if (code !== 0 && output.includes(complaint(example).split("\n")[0]!)) {
        await Deno.rename(trial, path);
        return {
          path,
          ...(backend !== own && { note: `it fails on ${backend} as well, where it is run` }),
        };
      }
      seen = code === 0
        ? `it does not fail on ${backend}`
        : `it fails otherwise: ${errorLine(output)}`;
    }
    return { note: `no file reproduces it alone: ${seen}` };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return { note: `no file reproduces it: it may not be tried (${messageOf(error)})` };
  } finally {
    await Deno.remove(trial).catch(() => {});
  }
}

/** What every program has. */
const PLAIN = "cpu";

function errorLine(output: string): string {
  const lines = output.trim().split("\n");
  return lines.find((line) => line.startsWith("error: ")) ?? lines.at(-1) ?? "";
}

/** Runs a file in a process of its own, which may read and nothing else. */
async function runAlone(path: string): Promise<{ readonly code: number; readonly output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(denoCommand(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-lock", "--no-check"],
      ...["--allow-read", "--allow-env", "--allow-sys", basename(path)],
    ],
    cwd: dirname(resolve(path)),
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(TIMEOUT),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout) + text(stderr) };
}

/** The program that runs now; by its name where permissions are for that, which may be a link. */
function denoCommand(): string {
  const command = Deno.execPath();
  const { state } = Deno.permissions.querySync({ name: "run", command });
  return state === "granted" ? command : "deno";
}

type LayerClass = new (options: object) => Layer;

/** The specifiers of TensorFlow.js, which the file may import. */
const IMPORTS_TFJS = /^npm:@tensorflow\/tfjs@[\d.]+$/;

/** Whether a specifier is that of Normbench, by its name or as a file of this clone. */
function isNormbench(specifier: string, module: string): boolean {
  return specifier.includes("@normbench/normbench") ||
    URL.parse(specifier, pathToFileURL(resolve(module)))?.href === fileAddress("mod.ts").href;
}

/**
 * How to call what a module exports: with the module's own text, if that imports nothing but TensorFlow.js,
 * otherwise by importing it.
 */
async function calleeOfModule(
  module: string,
  folder: string,
  { contender, norm, options, shape }: Counterexample,
): Promise<Callee> {
  const [symbol = contender, implementation] = contender.split(".");
  const text = await Deno.readTextFile(module);
  const exported: Record<string, unknown> = await import(pathToFileURL(resolve(module)).href);
  const isDefault = !Object.hasOwn(exported, symbol);
  const value = exported[isDefault ? "default" : symbol];
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport\(?)\s*["']([^"']+)["']/g)]
    .map(([, specifier]) => specifier!);
  const isDeclared = RegExp(`\\b(?:function|const|let|class)\\s+${symbol}\\b`).test(text);
  const isVerbatim = isDeclared && specifiers.every((each) => IMPORTS_TFJS.test(each));
  const [, own] =
    /import\s+\*\s+as\s+(\w+)\s+from\s+["']npm:@tensorflow\/tfjs@[\d.]+["']/.exec(text) ?? [];
  const path = relative(resolve(folder), resolve(module)).replaceAll("\\", "/");
  const address = path.startsWith(".") ? path : `./${path}`;
  const imported = isDefault ? `default as ${symbol}` : symbol;
  const common = isVerbatim
    ? {
      setup: `// ${basename(module)}, as it is:\n\n${text}`,
      ...(own !== undefined && { tf: own }),
    }
    : {
      setup: `// ${basename(module)} imports more than TensorFlow.js, so it stays where it is.\n` +
        (specifiers.some((each) => isNormbench(each, module))
          ? "// This file needs Normbench, which the module imports: run it where that is found.\n"
          : "") +
        `import { ${imported} } from "${address}";`,
    };
  const given = value as {
    readonly implementation?: unknown;
    layer?(options: object, shape: readonly number[]): Layer;
    readonly parameterShapes?: Callee["parameterShapes"];
    readonly implementations?: Readonly<Record<string, unknown>>;
  };
  const { training: _, ...fixed } = options;
  const asLayer = (expression: string, make: () => Layer): Callee => ({
    ...common,
    expression,
    weights: weightsOf(make(), shape),
  });
  if (typeof value === "function") {
    return value.prototype instanceof tf.layers.Layer
      ? asLayer(`new ${symbol}(options)`, () => new (value as unknown as LayerClass)(fixed))
      : { ...common, expression: symbol };
  }
  if (given.layer) {
    return asLayer(`${symbol}.layer(options, shape)`, () => given.layer!(fixed, shape));
  }
  const { parameterShapes } = given;
  const name = implementation ?? Object.keys(given.implementations ?? {})[0] ?? norm;
  const member = given.implementation === undefined
    ? `implementations[${JSON.stringify(name)}]`
    : "implementation";
  return {
    ...common,
    expression: `(${symbol} as any).${member}`,
    ...(parameterShapes && { parameterShapes }),
  };
}

/** The weights of a layer by the names that the norms have for them. */
export function weightsOf(layer: Layer, [, ...sample]: readonly number[]): string[] {
  layer.build([null, ...sample]);
  const names = layer.weights.map(weightName);
  layer.weights.forEach((weight) => weight.dispose());
  return names;
}
