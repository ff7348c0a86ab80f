/**
 * Custom norms in a module of the user's: what `--module FILE` judges.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, MissingError, UsageError } from "../../norms/basics/errors.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import type { Layer } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { normByName, NORMS } from "../../norms/registry.ts";
import { type CustomNorm, subjectOf } from "./custom_norm.ts";
import { checkCustomOptions, type Custom, customOf, type CustomOptions } from "./custom_plan.ts";

/**
 * The custom norms that a module exports.
 *
 * An export is one of these:
 *
 * - a function of tensors, or a class of layers, whose name says which norm it is (`myBatchNorm`);
 * - `{ norm, implementation }` or `{ norm, layer }` with what {@linkcode CustomOptions} lists;
 * - an operation with an oracle and implementations of its own.
 *
 * Exports of other types, such as numbers, are not looked at.
 *
 * @param file Path of the module, from the working directory or absolute.
 * @throws {MissingError} if there is no such file.
 * @throws {UsageError} if it cannot be loaded, imports another copy of TensorFlow.js, exports no norm, or
 *   does not say which norm an export is.
 */
export async function loadCustoms(file: string): Promise<Custom[]> {
  const exported = Object.entries(await load(file));
  try {
    const customs = exported.flatMap(([name, value]) => customsIn(nameOf(name, value), value));
    if (customs.length === 0) throw new TypeError(`it exports no norm: ${EXPECTED}`);
    checkOperations(customs);
    return customs;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(`${file}: ${error.message}.`, { cause: error });
  }
}

const EXPECTED = "export a function such as layerNorm = ({ x, gamma, beta }, { epsilon }) => y, " +
  'or { norm: "layer", implementation }, or { norm: "layer", layer: (options) => new MyLayer(options) }';

/** A module's default export goes by its own name, if it has one. */
function nameOf(name: string, value: unknown): string {
  return name === "default" && typeof value === "function" && value.name !== "" ? value.name : name;
}

/** What a module may export in place of a function. */
type Exported = CustomOptions<object> & {
  readonly implementation?: CustomNorm<object>;
  layer?(options: object): Layer;
};

function customsIn(name: string, value: unknown): Custom[] {
  const called = `export ${name}`;
  if (typeof value === "function") {
    const made = isLayerClass(value) ? layerOf(value) : value as CustomNorm<object>;
    return [customOf(name, subjectOf(made, {}, called), { norm: normNamed(name) }, name)];
  }
  if (typeof value !== "object" || value === null) return [];
  if (isOperation(value)) return implementationsOf(name, value);
  if (isLayerClass(value.constructor)) {
    throw new TypeError(
      `${called} is one layer, but each case needs its own: export { norm, layer: (options) => ... }`,
    );
  }
  const { implementation, layer, ...options } = value as Exported;
  checkCustomOptions(called, options, ["implementation", "layer"]);
  const made = implementation ?? (layer && { layer });
  if (made === undefined || (implementation && layer)) {
    throw new TypeError(`${called} needs an implementation or a layer: ${EXPECTED}`);
  }
  return [customOf(name, subjectOf(made, options.parameterShapes ?? {}, called), options, name)];
}

function isOperation(value: object): value is Operation {
  return "oracle" in value && "inputs" in value;
}

/** The implementations of a user's own operation; its formula alone goes by the name of the export. */
function implementationsOf(name: string, operation: Operation): Custom[] {
  const implementations = Object.entries(operation.implementations ?? {});
  if (implementations.length === 0) {
    throw new TypeError(
      `export ${name} is an operation without implementations, so there is nothing to judge: ` +
        "give it some, or export { norm: operation, implementation }",
    );
  }
  const isFormula = implementations.length === 1 && implementations[0]![0] === "composed";
  return implementations.map(([each, implementation]) => {
    const contender = isFormula ? name : `${name}.${each}`;
    return {
      name: contender,
      norm: operation,
      subject: subjectOf(implementation as CustomNorm<object>, {}, `export ${contender}`),
    };
  });
}

type LayerClass = new (options: object) => Layer;

function isLayerClass(value: unknown): value is LayerClass {
  return typeof value === "function" && value.prototype instanceof tf.layers.Layer;
}

function layerOf(layerClass: LayerClass) {
  return { layer: (options: object) => new layerClass(options) };
}

/**
 * The norm that a name says: `batch` for `myBatchNorm`, `weight` for `weightNormLayer`.
 *
 * @throws {TypeError} if it says none, or several.
 */
function normNamed(name: string): Operation {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  const named = (ending: string) =>
    NORMS.filter((norm) => RegExp(`(^|_)${norm.name}${ending}`).test(words));
  const [before, anywhere] = [named("_?norm"), named("(_|$)")];
  const found = before.length > 0 ? before : anywhere;
  if (found.length === 1) return normByName(found[0]!.name);
  const which = found.length === 0 ? "no norm" : found.map((norm) => norm.name).join(" and ");
  throw new TypeError(
    `the name of export ${name} says ${which}, and not which of ${
      NORMS.map((norm) => norm.name).join(", ")
    } it is: export { norm: "layer", implementation: ${name} } with the one that it is, or do not export it`,
  );
}

/** Records tell norms apart by name. */
function checkOperations(customs: readonly Custom[]): void {
  for (const { name, norm } of customs) {
    const other = customs.find((each) => each.norm !== norm && each.norm.name === norm.name);
    if (other === undefined) continue;
    throw new TypeError(
      `exports ${name} and ${other.name} are of two norms that are both named ${norm.name}: ` +
        "give one of them another name",
    );
  }
}

/** The line that imports TensorFlow.js, in the version that Normbench runs. */
const IMPORT = `import * as tf from "npm:@tensorflow/tfjs@${tf.version.tfjs}"`;

async function load(file: string): Promise<Record<string, unknown>> {
  const path = resolve(file);
  try {
    await Deno.stat(path);
  } catch (cause) {
    const remedy = "give --module the path of a file that exports norms";
    throw new MissingError(`${file} cannot be read: ${messageOf(cause)}`, remedy, { cause });
  }
  const copies: string[] = [];
  const { warn } = console;
  // A second copy of TensorFlow.js joins the first one's engine, and replaces its kernels.
  console.warn = (...texts: unknown[]) =>
    /(kernel|backend) .*already registered/.test(String(texts[0]))
      ? void copies.push(String(texts[0]))
      : warn(...texts);
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    if (copies.length === 0) return module;
  } catch (cause) {
    throw new UsageError(`${file} cannot be loaded: ${reasonOf(cause)}`, { cause });
  } finally {
    console.warn = warn;
  }
  throw new UsageError(
    `${file} brings a second copy of TensorFlow.js, whose kernels replace those of the first. ` +
      `Import the one of Normbench: ${IMPORT}.`,
  );
}

/** Why a module cannot be imported, in words; Deno's can be a hundred coloured lines. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  if (/lockfile is out of date|not a dependency and not in import map/.test(message)) {
    const [, wanted] = /"((?:npm:)?@?[\w./@^*~-]+)"/.exec(message) ?? [];
    return `it imports ${wanted ?? "a package"}, which Normbench does not have. ` +
      `For TensorFlow.js write ${IMPORT}; bundle other packages into the file.`;
  }
  return message;
}
