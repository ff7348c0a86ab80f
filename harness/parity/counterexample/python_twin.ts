/**
 * A Python program that shows what PyTorch or Keras answers to a counterexample, as the translator spells it.
 *
 * @module
 */
import { carryTo, type PlainArray, translate, type Translation } from "../../../norms/translate.ts";
import { NORMS } from "../../../norms/registry.ts";
import { oneLine } from "../../../reports/format.ts";
import { batchesOf, gradientInput, parametersOf, UPSTREAM } from "./given_case.ts";
import type { Counterexample } from "./record.ts";

/** The program; undefined where no framework has such a norm. */
export function pythonTwin(example: Counterexample): string | undefined {
  const { norm, shape, options } = example;
  if (!NORMS.some(({ name }) => name === norm)) return undefined;
  const translations = (["pytorch", "keras"] as const).flatMap((framework) => {
    try {
      return [translate({ norm, shape, options }, framework)];
    } catch (error) {
      // It has no such norm.
      if (error instanceof RangeError) return [];
      throw error;
    }
  });
  // The one that is most like it.
  const [nearest] = translations.toSorted((a, b) =>
    a.foreign.warnings.length - b.foreign.warnings.length
  );
  return nearest && program(example, nearest);
}

function python(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) {
    return `(${value.map(python).join(", ")}${value.length === 1 ? "," : ""})`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  return number(value as number);
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return `float("${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}")`;
}

function array({ shape, values }: PlainArray): string {
  return `array([${Array.from(values, number).join(", ")}], [${shape.join(", ")}])`;
}

interface Parts {
  readonly imports: readonly string[];
  readonly tensor: string;
  /** Makes the layer and names its weights. */
  setup(layer: string, options: string): readonly string[];
  /** Sets a weight. */
  assign(name: string, value: string): string;
  /** Calls it, and for the gradient of `wrt`. */
  call(training: boolean): string;
  gradient(wrt: string, dy: string, training: boolean): readonly string[];
  state(name: string): string;
  readonly list: string;
  readonly title: string;
}

const PYTORCH: Parts = {
  title: "PyTorch",
  imports: ["import torch"],
  tensor: "torch.tensor(values, dtype=torch.float32).reshape(shape)",
  setup: (layer, options) => [
    `layer = torch.nn.${layer}(${options})`,
  ],
  assign: (name, value) => `named[${JSON.stringify(name)}].data.copy_(${value})`,
  call: (training) => `layer.train(${training ? "True" : "False"})(x)`,
  gradient: (wrt, dy, training) => [
    ...(wrt === "x" ? ["x.requires_grad_()"] : []),
    `y = layer.train(${training ? "True" : "False"})(x)`,
    `(answer,) = torch.autograd.grad(y, [${
      wrt === "x" ? "x" : `named[${JSON.stringify(wrt)}]`
    }], ${dy})`,
  ],
  state: (name) => `named[${JSON.stringify(name)}]`,
  list: "answer.detach().flatten().tolist()",
};

const KERAS: Parts = {
  title: "Keras",
  imports: ["import keras", "import numpy", "import tensorflow"],
  tensor: 'tensorflow.constant(numpy.array(values, "float32").reshape(shape))',
  setup: (layer, options) => [`layer = keras.layers.${layer}(${options})`],
  assign: (name, value) => `named[${JSON.stringify(name)}].assign(${value})`,
  call: (training) => `layer(x, training=${training ? "True" : "False"})`,
  gradient: (wrt, dy, training) => [
    `source = ${wrt === "x" ? "x" : `named[${JSON.stringify(wrt)}].value`}`,
    "with tensorflow.GradientTape() as tape:",
    "    tape.watch(source)",
    `    y = layer(x, training=${training ? "True" : "False"})`,
    `answer = tape.gradient(y, source, output_gradients=${dy})`,
  ],
  state: (name) => `named[${JSON.stringify(name)}].value`,
  list: "numpy.array(answer).ravel().tolist()",
};

function program(example: Counterexample, translation: Translation): string {
  const { contender, quantity, inputs, expected, got } = example;
  const { framework, foreign } = translation;
  const { places, constants = {}, options, call, warnings } = foreign;
  const parts = framework === "keras" ? KERAS : PYTORCH;
  const named = carryTo(translation, parametersOf(example));
  const given = Object.entries(options).map(([name, value]) => `${name}=${python(value)}`);
  const isWeight = Object.keys(named).some((name) => name.startsWith("parametrizations."));
  const training = /True|train\(\)/.test(call);
  const wrt = gradientInput(example);
  const batches = batchesOf(example).map((batch) => laidOut(translation, "x", batch));
  const isState = Object.hasOwn(places, quantity) && quantity !== "y";
  const answered = wrt ?? (isState ? quantity : "y");
  const place = places[answered]!;
  const list = (values: PlainArray["values"]) => {
    const there = laidOut(translation, answered, { shape: expected.shape, values });
    return `[${Array.from(there.values, number).join(", ")}]`;
  };
  const answer = wrt !== undefined
    ? parts.gradient(
      wrt === "x" ? "x" : place.name,
      array(laidOut(translation, "y", inputs[UPSTREAM]!)),
      training,
    )
    : quantity === "y"
    ? [`answer = ${parts.call(training)}`]
    : [
      ...batches.flatMap((batch, i) => [
        ...(i === 0 ? [] : [`x = ${array(batch)}`]),
        parts.call(training),
      ]),
      ...(isState
        ? [`answer = ${parts.state(place.name)}`]
        : [`x = ${array(batches[0]!)}`, `answer = ${parts.call(false)}`]),
    ];
  return [
    `# What ${parts.title} answers where ${quantity} of ${oneLine(contender)} is off.`,
    ...warnings.map((warning) => `# Not equal: ${warning}.`),
    ...parts.imports,
    "",
    "",
    "def array(values, shape):",
    `    return ${parts.tensor}`,
    "",
    "",
    ...parts.setup(foreign.layer, given.join(", ")),
    ...(isWeight ? ["layer = torch.nn.utils.parametrizations.weight_norm(layer)"] : []),
    ...(framework === "keras"
      ? [`layer.build((${foreign.shape.join(", ")}${foreign.shape.length === 1 ? "," : ""}))`]
      : []),
    framework === "keras"
      ? "named = {weight.name: weight for weight in layer.weights}"
      : "named = {**dict(layer.named_parameters()), **dict(layer.named_buffers())}",
    ...Object.entries({ ...constants, ...named }).map(([name]) =>
      parts.assign(name, array(named[name]!))
    ),
    `x = ${array(batches[0]!)}`,
    ...answer,
    `print("${parts.title}:", ${parts.list})`,
    `print("expected:", ${list(expected.values)})`,
    ...(got === undefined ? [] : [`print(${JSON.stringify(`${contender}:`)}, ${list(got)})`]),
    "",
  ].join("\n");
}

/** An array of Normbench as the framework lays it out. */
function laidOut(translation: Translation, name: string, of: PlainArray): PlainArray {
  const { foreign } = translation;
  const there = carryTo({ ...translation, foreign: { ...foreign, constants: {} } }, { [name]: of });
  return there[foreign.places[name]!.name]!;
}
