/**
 * Defects of others that parity finds: of `tf.layers`, and of the wasm kernels of TensorFlow.js.
 *
 * @module
 */
import { parityCases } from "../../../fixtures/parity_cases.ts";
import type { Norm, Operation } from "../../../norms/basics/norm.ts";
import type { NormOptions } from "../../../norms/basics/options.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import { NORMS } from "../../../norms/registry.ts";
import type { BackendName } from "../../backend/registry.ts";
import { findCounterexamples } from "../counterexample/find.ts";
import { weightsOf } from "../counterexample/repro_files.ts";
import type { Counterexample } from "../counterexample/record.ts";
import type { Callee } from "../counterexample/reproduce.ts";
import { kernelPlans } from "../plan.ts";
import { fails } from "../record.ts";
import { type CasePlan, runCase } from "../run_case.ts";

/** What runs on every machine, and has no kernels that Normbench repaired. */
const PLAIN: BackendName = "cpu";

/** The references that are TensorFlow.js's own, on their cases, as if they were custom norms. */
async function defectPlans(): Promise<{ plan: CasePlan; backend: BackendName }[]> {
  const layers = NORMS.filter((norm) => counterpartOf(norm) !== undefined).flatMap((norm) =>
    parityCases(norm.name, "quick").map((parityCase) => ({
      plan: { norm, parityCase, subjects: norm.references, references: {} },
      backend: PLAIN,
    }))
  );
  const backends = ["wasm"] as const;
  const kernels = (await kernelPlans("quick", backends)).map((plan) => ({
    plan: { ...plan, subjects: plan.norm.references, references: {} },
    backend: plan.backends![0]!,
  }));
  return [...layers, ...kernels];
}

function counterpartOf(norm: Operation): Norm["counterpart"] {
  return (norm as Norm).counterpart;
}

/** The smallest input for each mistake of a reference; equal ones once. */
export async function findDefects(
  say: (text: string) => void = () => {},
): Promise<Counterexample[]> {
  const found = new Map<string, Counterexample>();
  const tried = new Set<string>();
  for (const { plan, backend } of await defectPlans()) {
    const records = await runCase(plan, [backend], 0);
    const failing = records.flatMap(({ quantities }) =>
      quantities.filter(({ verdict }) => fails(verdict))
    );
    // A layer that lacks an option of the norm says so: that is no defect.
    if (failing.length === 0 || failing.some(({ answer }) => /no option/.test(messageIn(answer)))) {
      continue;
    }
    const signature = JSON.stringify([
      plan.norm.name,
      optionNames(plan.parityCase.options),
      failing.map(({ name, verdict, answer }) => [name, verdict, messageIn(answer)]),
    ]);
    if (tried.has(signature)) continue;
    tried.add(signature);
    for await (const example of findCounterexamples([plan], records)) {
      const key = keyOf(example);
      if (!found.has(key)) {
        say(`${plan.parityCase.id}: ${key}`);
        found.set(key, example);
      }
    }
  }
  return [...found.values()];
}

function messageIn(answer: object): string {
  return "error" in answer ? String(answer.error).replace(/\d+/g, "#") : "";
}

function optionNames(options: object): string[] {
  return Object.entries(options).map(([name, value]) =>
    typeof value === "boolean" || typeof value === "string" ? `${name}=${value}` : name
  ).sort();
}

/** Mistakes of one norm with the same options and the same kind of answer are one. */
function keyOf(
  { norm, contender, quantity, options, verdict, error = "" }: Counterexample,
): string {
  const kind = quantity.startsWith("d") ? "gradient" : quantity === "y" ? "output" : "state";
  return JSON.stringify([
    ...[norm, contender, verdict],
    ...(verdict === "wrong" ? [kind, optionNames(options)] : [error.replace(/\d+/g, "#")]),
  ]);
}

/** How the program calls the layer of TensorFlow.js, or the operation whose kernel is wrong. */
export function defectCallee({ norm, options, shape }: Counterexample): Promise<Callee> {
  const record = NORMS.find(({ name }) => name === norm);
  return record === undefined ? operationCallee(options) : Promise.resolve(
    layerCallee(record, options, shape),
  );
}

function layerCallee(norm: Norm, options: NormOptions, shape: Shape): Callee {
  const layer = norm.counterpart!(options, shape);
  const name = layer.getClassName();
  const known = Object.keys(norm.defaults);
  const given = Object.entries(layer.getConfig()).filter(([key]) =>
    known.includes(key) && Object.hasOwn(options, key)
  );
  const config = given.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ");
  return {
    setup: "",
    expression: `tf.layers.${name[0]!.toLowerCase()}${name.slice(1)}(${config && `{ ${config} }`})`,
    weights: weightsOf(layer, shape),
  };
}

async function operationCallee(options: object): Promise<Callee> {
  const { computationOf } = await import("../../backend/wasm/operations.ts");
  return {
    setup: `const compute: any = ${computationOf(options as Parameters<typeof computationOf>[0])};`,
    expression: "compute",
  };
}
