/**
 * A counterexample as a file that fails alone: what is called, the smallest input, what should come out.
 *
 * @module
 */
import { count, formatOptions, oneLine } from "../../../reports/format.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { PREDICTION } from "../expect.ts";
import { headline } from "./diagnosis.ts";
import { batchesOf, gradientInput, parametersOf } from "./given_case.ts";
import type { Counterexample } from "./record.ts";

/** How the file calls what fails. */
export interface Callee {
  /** What stands before, such as the user's module. */
  readonly setup: string;
  /** The name by which the setup imports TensorFlow.js; left out, it does not. */
  readonly tf?: string;
  /** A function of inputs and options; or, with `weights`, what makes a layer from `options` and `shape`. */
  readonly expression: string;
  /** The weights of the layer by the norm's names, in its order. */
  readonly weights?: readonly string[];
  /** Shapes in which the function takes its parameters, where they are not the norm's. */
  readonly parameterShapes?: Readonly<Record<string, Shape>>;
}

/** The packages of backends that are not part of TensorFlow.js's union package. */
const BACKEND_PACKAGE: Readonly<Record<string, string>> = Object.fromEntries(
  ["wasm", "webgpu"].map((
    name,
  ) => [name, `npm:@tensorflow/tfjs-backend-${name}@${tf.version.tfjs}`]),
);

const TFJS = `npm:@tensorflow/tfjs@${tf.version.tfjs}`;

/** The backend by the name that TensorFlow.js has for it. */
export function tfjsBackend(backend: string): string {
  return backend.split("-")[0]!;
}

/** Values as a program writes them. */
function literal(values: readonly number[]): string {
  return `[${values.map((value) => Object.is(value, -0) ? "-0" : String(value)).join(", ")}]`;
}

function tensor(
  name: string,
  { shape, values }: Counterexample["inputs"][string],
  wanted: Shape = shape,
): string {
  return `${name}.tensor(${literal(values)}, [${wanted.join(", ")}])`;
}

/** The options as a program writes them. */
function optionsLiteral(options: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(options).map(([name, value]) =>
    `${name}: ${typeof value === "number" ? literal([value]).slice(1, -1) : JSON.stringify(value)}`
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** What a program that failed has to have said, so that it failed as the counterexample does. */
export function complaint({ quantity, verdict, error }: Counterexample): string {
  if (verdict === "wrong") return `${quantity} is wrong`;
  if (verdict === "not returned") return `${quantity} is not returned`;
  return error ?? "";
}

/** In a sentence, what is wrong. */
function faultSentence({ contender, quantity, verdict, error }: Counterexample): string {
  if (verdict === "wrong") return `${contender} answers a wrong ${quantity}`;
  if (verdict === "not returned") return `${contender} does not return ${quantity}`;
  return `${contender} cannot compute ${quantity}: ${(error ?? "").split("\n")[0]}`;
}

/** The text of the file. */
export function reproduction(example: Counterexample, callee: Callee, backend: string): string {
  const name = callee.tf ?? "tf";
  const { diagnosis } = example;
  const isNamed = diagnosis && (diagnosis.suspects.length > 0 || diagnosis.ignored !== undefined);
  const addition = BACKEND_PACKAGE[tfjsBackend(backend)];
  const imports = [
    ...(callee.tf === undefined ? [`import * as ${name} from "${TFJS}";`] : []),
    ...(addition === undefined ? [] : [`import "${addition}";`]),
  ];
  return `${
    [
      `// ${oneLine(faultSentence(example))} (TensorFlow.js ${tf.version.tfjs}, ${backend}).`,
      ...(isNamed ? [`// It ${oneLine(headline(diagnosis))}.`] : []),
      `// Run it with: deno run --allow-read --allow-env --allow-sys FILE`,
      ...imports,
      "",
      ...(callee.setup === "" ? [] : [callee.setup.trimEnd(), ""]),
      `// The smallest input on which it fails; found in ${oneLine(example.found)}.`,
      "{",
      ...body(example, callee, name, tfjsBackend(backend)).map((line) => line && `  ${line}`),
      "}",
    ].join("\n")
  }\n`;
}

function body(example: Counterexample, callee: Callee, name: string, backend: string): string[] {
  const { quantity, verdict, expected, budget, error = "" } = example;
  const answer = callee.weights === undefined
    ? functionAnswer(example, callee, name)
    : layerAnswer(example, callee, name, callee.weights);
  return [
    `await ${name}.setBackend("${backend}");`,
    ...answer,
    ...(verdict === "not returned"
      ? [`if (answer === undefined) throw new Error("${quantity} is not returned");`]
      : []),
    ...(/has shape/.test(error)
      ? [
        `const wanted = "${expected.shape}";`,
        `if (String(answer.shape) !== wanted) {`,
        `  throw new Error(\`${quantity} has shape [\${answer.shape}], expected [\${wanted}]\`);`,
        `}`,
      ]
      : []),
    ...(/expected float32/.test(error)
      ? [
        `if (answer.dtype !== "float32") {`,
        `  throw new Error(\`${quantity} is \${answer.dtype}, expected float32\`);`,
        `}`,
      ]
      : []),
    "const got = Array.from(await answer.data()) as number[];",
    `const expected = ${literal(expected.values)};`,
    "// What any order of operations in float32 may be off by.",
    `const budget = ${literal(budget)};`,
    "const off = expected.flatMap((value, i) =>",
    "  Object.is(got[i], value) || Math.abs(got[i] - value) <= budget[i]",
    "    ? []",
    "    : [`  element ${i} is ${got[i]}, and should be ${value} within ${budget[i]}`]",
    ");",
    `if (off.length > 0) throw new Error(\`${quantity} is wrong:\\n\${off.join("\\n")}\`);`,
    `console.log("${quantity} is right:", got);`,
  ];
}

function functionAnswer(
  example: Counterexample,
  { expression, parameterShapes = {} }: Callee,
  name: string,
): string[] {
  const { quantity, options, inputs } = example;
  const [x, ...more] = batchesOf(example);
  const wrt = gradientInput(example);
  const needsSteps = wrt === undefined && quantity !== "y";
  return [
    "const inputs: any = {",
    `  x: ${tensor(name, x!)},`,
    ...Object.entries(parametersOf(example)).map(([each, array]) =>
      `  ${each}: ${tensor(name, array, parameterShapes[each])},`
    ),
    "};",
    `const options: any = ${optionsLiteral(options)};`,
    `const run = (changed: any = {}, mode: any = {}): any => {`,
    `  const result = (${expression} as any)({ ...inputs, ...changed }, { ...options, ...mode });`,
    `  return result instanceof ${name}.Tensor ? { y: result } : result;`,
    `};`,
    ...(wrt !== undefined
      ? [
        `const dy = ${tensor(name, inputs["dy"]!)};`,
        ...gradientAnswer(example, wrt, name),
      ]
      : !needsSteps
      ? ["const answer = run().y;"]
      : [
        "let { y: _, ...states } = run();",
        ...more.map((each) =>
          `({ y: _, ...states } = run({ ...states, x: ${tensor(name, each)} }));`
        ),
        quantity === PREDICTION
          ? "const answer = run(states, { training: false }).y;"
          : `const answer = states.${quantity};`,
      ]),
  ];
}

/** Of a function that throws, the gradients of all inputs, since another one's may be what throws. */
function gradientAnswer(example: Counterexample, wrt: string, name: string): string[] {
  if (example.verdict !== "cannot run") {
    return [`const answer = ${name}.grad((${wrt}: any) => run({ ${wrt} }).y)(inputs.${wrt}, dy);`];
  }
  const learned = Object.keys(parametersOf(example)).filter((each) => !each.startsWith("moving"));
  const all = ["x", ...learned].join(", ");
  return [
    `const gradients = ${name}.grads((${
      ["x", ...learned].map((each) => `${each}: any`).join(", ")
    }) =>`,
    `  run({ ${all} }).y`,
    `)([${["x", ...learned].map((each) => `inputs.${each}`).join(", ")}], dy);`,
    `const answer = gradients[${["x", ...learned].indexOf(wrt)}];`,
  ];
}

function layerAnswer(
  example: Counterexample,
  { expression }: Callee,
  name: string,
  weights: readonly string[],
): string[] {
  const { quantity, inputs, shape, options: { training = false, ...options } } = example;
  const data = batchesOf(example);
  const wrt = gradientInput(example);
  const apply = (x: string) => `layer.apply(${x}, { training: ${training} })`;
  const weight = (of: string) => `layer.weights[${weights.indexOf(of)}].read()`;
  const first = `const x = ${tensor(name, data[0]!)};`;
  return [
    `const shape = [${shape.join(", ")}];`,
    `const options: any = ${optionsLiteral(options)};`,
    `const layer: any = ${expression};`,
    "layer.build([null, ...shape.slice(1)]);",
    "layer.setWeights([",
    ...weights.map((each) => `  ${tensor(name, inputs[each]!)}, // ${each}`),
    "]);",
    ...(wrt === "x"
      ? [
        first,
        `const answer = ${name}.grad((x: any) => ${apply("x")})(x, ${
          tensor(name, inputs["dy"]!)
        });`,
      ]
      : wrt !== undefined
      ? [
        first,
        `const answer = ${name}.grad(() => ${apply("x")})(${weight(wrt)}, ${
          tensor(name, inputs["dy"]!)
        });`,
      ]
      : quantity === "y"
      ? [first, `const answer = ${apply("x")};`]
      : [
        ...data.map((each) => `${apply(tensor(name, each))};`),
        quantity === PREDICTION
          ? `const answer = layer.apply(${tensor(name, data[0]!)}, { training: false });`
          : `const answer = ${weight(quantity)};`,
      ]),
  ];
}

/** The case in a line: shape, options, steps. */
export function caseSentence({ shape, options, steps }: Counterexample): string {
  return `shape [${shape.join(", ")}], ${formatOptions(options) || "default options"}, ${
    count(steps, "step")
  }`;
}
