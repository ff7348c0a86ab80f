import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { NORMS as REGISTRY } from "../../norms/registry.ts";
import { readRecords } from "../../system.ts";
import { captureTask, inTemporaryFolder } from "../run/task_testing.ts";
import { loadCustoms } from "./custom_module.ts";
import type { ParityRecord } from "./record.ts";
import { PARITY_TASK } from "./task.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** A module of a user's: a right layer norm by name, a layer, a wrong norm with a case of its own. */
const NORMS = `
import * as tf from "npm:@tensorflow/tfjs@4.22.0";
const normalize = (deviation) => ({ x, gamma, beta }, { axis = -1, epsilon = 1e-3 }) => {
  const { mean, variance } = tf.moments(x, axis, true);
  return x.sub(mean).div(deviation(variance, epsilon)).mul(gamma).add(beta);
};
export const myLayerNorm = normalize((variance, epsilon) => variance.add(epsilon).sqrt());
export const stock = {
  norm: "layer",
  layer: (options) => tf.layers.layerNormalization(options),
};
export const outside = {
  norm: "layer",
  shape: [4, 8],
  options: { epsilon: 0.1 },
  implementation: normalize((variance, epsilon) => variance.sqrt().add(epsilon)),
};
export const EPSILON = 1e-3;
`;

/** Calls `use` with the path of a file of this text. */
function inFile(text: string, use: (path: string, folder: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, "norms.js");
    await Deno.writeTextFile(path, text);
    await use(path, folder);
  });
}

Deno.test("--module judges what a file exports, by the names of its exports", () =>
  inFile(NORMS, async (module, folder) => {
    const out = join(folder, "run");
    const args = ["--module", module, "--backend", "cpu", "--case", "layer/dense,outside"];
    const { status, output } = await captureTask(PARITY_TASK, ...args, "--out", out);
    assertEquals(status, 1);
    assertStringIncludes(output, "wrong: outside layer/outside-4x8: ");
    const records = readRecords(out).filter((record) => record.kind === "parity") as ParityRecord[];
    const found = records.map(({ contender, role, case: { id }, verdict }) =>
      `${role} ${contender} ${id} ${verdict}`
    );
    assertEquals(found, [
      "custom myLayerNorm layer/dense right",
      "custom stock layer/dense right",
      "reference tf.layers layer/dense right",
      "custom outside layer/outside-4x8 wrong",
      "reference tf.layers layer/outside-4x8 right",
    ]);
    const [header] = readRecords(out);
    assert(header?.kind === "header");
    assertEquals(header.options["norms"], ["layer"]);
    // Every contender of a case is recorded: there is nothing left to do.
    const { length } = readRecords(out);
    const again = await captureTask(PARITY_TASK, ...args, "--out", out, "--resume");
    assertEquals(again.status, 1);
    assertEquals(readRecords(out).length, length);
    await Deno.writeTextFile(module, `${NORMS}\n`);
    const changed = await captureTask(PARITY_TASK, ...args, "--out", out, "--resume");
    assertEquals(changed.status, 2);
    assertStringIncludes(changed.errors, "holds a run with module");
  }));

Deno.test("--module runs under the task's permissions, from the user's folder, with a bare import", () =>
  inFile(NORMS.replace("npm:@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs"), async (_, folder) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--frozen", "--no-prompt", "-P=parity", "harness/parity/main.ts"],
        ...["--module", "norms.js", "--backend", "cpu", "--case", "layer/prime", "--out", "run"],
      ],
      cwd: ROOT,
      env: { INIT_CWD: folder },
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals(code, 0, decode(stderr));
    assertStringIncludes(decode(stdout), "Every custom norm is right in all 2 checks");
  }));

Deno.test("--norm picks exports by their norm", () =>
  inFile(NORMS, async (module, folder) => {
    const args = ["--module", module, "--norm", "weight", "--backend", "cpu", "--out", folder];
    const { status, errors } = await captureTask(PARITY_TASK, ...args);
    assertEquals(status, 2);
    assertStringIncludes(errors, "exports no norm of --norm weight, but of layer");
  }));

Deno.test("an export's name says which norm it is", () =>
  inFile(
    ["layerNorm", "myBatchNorm", "batch", "weightNormLayer", "RMSNorm", "group_norm", "lpNorm2"]
      .map((name) => `export const ${name} = () => undefined;`).join("\n") +
      "\nexport default function instanceNormalization() {}",
    async (file) => {
      const customs = await loadCustoms(file);
      assertEquals(Object.fromEntries(customs.map(({ name, norm }) => [name, norm.name])), {
        layerNorm: "layer",
        myBatchNorm: "batch",
        batch: "batch",
        weightNormLayer: "weight",
        RMSNorm: "rms",
        group_norm: "group",
        lpNorm2: "lp",
        instanceNormalization: "instance",
      });
    },
  ));

Deno.test("classes of layers and operations are exports, too", () =>
  inFile(
    `
    import * as tf from "npm:@tensorflow/tfjs@4.22.0";
    export class MyLayerNorm extends tf.layers.Layer {}
    const double = ({ x }) => ({ y: x.mul(2) });
    const record = { inputs: () => [], oracle: {}, references: {} };
    export const one = { ...record, name: "one", implementations: { double } };
    export const two = { ...record, name: "two", implementations: { double, twice: double } };
    `,
    async (file) => {
      const names = (await loadCustoms(file)).map(({ name, norm }) => `${norm.name} ${name}`);
      assertEquals(names.sort(), [
        "layer MyLayerNorm",
        "one one.double",
        "two two.double",
        "two two.twice",
      ]);
    },
  ));

const UNUSABLE: Readonly<Record<string, readonly [text: string, message: string]>> = {
  "a syntax error": ["export const = 1;", "cannot be loaded: "],
  "an error on the way": ['throw new Error("no such luck");', "cannot be loaded: no such luck"],
  "no export": ["", "exports no norm"],
  "only numbers": ["export const layer = 3;", "exports no norm"],
  "a name without a norm": [
    "export function helper() {}",
    "the name of export helper says no norm",
  ],
  "a name with two": ["export function batchOrLayer() {}", "says batch and layer"],
  "an unknown norm": ['export const a = { norm: "spectral", layer() {} };', "batch, layer"],
  "no implementation": [
    'export const a = { norm: "layer" };',
    "needs an implementation or a layer",
  ],
  "an unknown option": [
    'export const a = { norm: "layer", layer() {}, axis: 1 };',
    'export a has no option "axis"',
  ],
  "tensors one by one": [
    "export function layerNorm(x, gamma, beta) {}",
    "export layerNorm takes 3 arguments: parity calls it with two",
  ],
  "a layer that is built": [
    'import * as tf from "npm:@tensorflow/tfjs@4.22.0";\n' +
    "export const layerNorm = tf.layers.layerNormalization();",
    "export layerNorm is one layer",
  ],
  "an operation with nothing to judge": [
    "export const mine = { oracle: {}, inputs() {} };",
    "an operation without implementations",
  ],
  "two operations of one name": [
    "const record = { oracle: {}, inputs() {}, implementations: { f() {} }, name: 'mine' };\n" +
    "export const one = { ...record }, two = { ...record };",
    "both named mine",
  ],
  // As a second copy does when it is imported.
  "a second copy of TensorFlow.js": [
    'import * as tf from "npm:@tensorflow/tfjs@4.22.0";\n' +
    'tf.registerBackend("cpu", () => undefined);\nexport function layerNorm() {}',
    "second copy of TensorFlow.js, whose kernels replace those of the first. Import the one of " +
    'Normbench: import * as tf from "npm:@tensorflow/tfjs@4.22.0"',
  ],
};

for (const [what, [text, message]] of Object.entries(UNUSABLE)) {
  Deno.test(`a module with ${what} is refused with the remedy`, () =>
    inFile(text, async (file) => {
      const error = await assertRejects(() => loadCustoms(file), UsageError, message);
      assertStringIncludes(error.message, file);
    }));
}

Deno.test("a module that does not exist is missing", async () => {
  await assertRejects(() => loadCustoms("no/such/file.ts"), MissingError, "no/such/file.ts");
});

Deno.test("a package that Normbench does not have is named with the import that works", () =>
  inFile('import "no-such-package";', async (file) => {
    await assertRejects(
      () => loadCustoms(file),
      UsageError,
      "imports no-such-package, which Normbench does not have. For TensorFlow.js write import * as tf",
    );
  }));

Deno.test("a function that returns a layer is told how to say so", () =>
  inFile(
    `import * as tf from "npm:@tensorflow/tfjs@4.22.0";
     export const layerNorm = (options) => tf.layers.layerNormalization();`,
    async (module, folder) => {
      const args = ["--module", module, "--backend", "cpu", "--case", "layer/prime"];
      const { status, errors } = await captureTask(PARITY_TASK, ...args, "--out", folder);
      assertEquals(status, 2);
      assertStringIncludes(
        errors,
        "export layerNorm returned a layer: give what makes it as { layer",
      );
    },
  ));

for (const body of ["x.sub(gamma)", "tf.sub(x, gamma)"]) {
  Deno.test(`a function that takes ${body} of tensors one by one is told how it is called`, () =>
    inFile(
      `import * as tf from "npm:@tensorflow/tfjs@4.22.0";
       export const layerNorm = (x, gamma) => ${body};`,
      async (module, folder) => {
        const args = ["--module", module, "--backend", "cpu", "--case", "layer/prime"];
        const { status, output } = await captureTask(PARITY_TASK, ...args, "--out", folder);
        assertEquals(status, 1);
        assertStringIncludes(
          output,
          "export layerNorm is called with the tensors by name, as in ({ x, ",
        );
      },
    ));
}

Deno.test("what is found of a module is shrunk, kept beside it, and tried first", () =>
  inFile(NORMS, async (module, folder) => {
    const args = ["--module", module, "--backend", "cpu", "--case", "outside", "--json"];
    const run = async (...more: string[]) => {
      const { output } = await captureTask(PARITY_TASK, ...args, ...more);
      return output.trim().split("\n").map((line) => JSON.parse(line));
    };
    const first = await run("--out", join(folder, "first"), "--generate", "3");
    const ids = (records: typeof first) =>
      records.filter(({ kind, role }) => kind === "parity" && role === "custom")
        .map((record) => record.case.id);
    assertEquals(ids(first), [
      "layer/outside-4x8",
      ...[0, 1, 2].map((i) => `layer/outside-4x8-generated-${i}`),
    ]);
    const example = first.find(({ kind }) => kind === "counterexample");
    assertEquals([example.contender, example.shape, example.quantity], ["outside", [1, 2], "y"]);
    const kept = await Deno.readTextFile(join(folder, "norms.counterexamples.jsonl"));
    assertEquals(JSON.parse(kept).inputs, example.inputs);
    const second = await run("--out", join(folder, "second"));
    assertEquals(ids(second), ["layer/outside-4x8/kept-1", "layer/outside-4x8"]);
    assertEquals(
      second.find(({ kind }) => kind === "counterexample").inputs,
      example.inputs,
    );
  }));

Deno.test("docs/running.md lists the inputs and options of every norm, with their defaults", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/running.md", import.meta.url));
  const rows = page.split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const code = (text: string) => `\`${text}\``;
  assertEquals(
    rows,
    REGISTRY.map(({ name, inputNames, defaults }) => {
      const options = Object.entries(defaults).filter(([option]) => option !== "returnStatistics")
        .map(([option, value]) =>
          code(option) + (value === undefined ? "" : ` ${JSON.stringify(value)}`)
        );
      return [code(name), inputNames.map(code).join(", "), options.join(", ")];
    }),
  );
});
