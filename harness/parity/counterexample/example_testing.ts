/**
 * Counterexamples for tests, made without looking for them.
 *
 * @module
 */
import { drawInputs } from "../../../fixtures/parity_case.ts";
import { normal } from "../../../fixtures/distribution.ts";
import type { Shape } from "../../../norms/basics/shape.ts";
import { normByName } from "../../../norms/registry.ts";
import { SCHEMA } from "../../run/record.ts";
import { expectation } from "../expect.ts";
import { arrayShapes, materialized, UPSTREAM } from "./given_case.ts";
import type { Counterexample } from "./record.ts";

/** What a test says of a counterexample. */
export interface ExampleChoices {
  readonly norm: string;
  readonly shape: Shape;
  readonly quantity: string;
  readonly contender?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly steps?: number;
  readonly backend?: string;
  readonly verdict?: Counterexample["verdict"];
  readonly error?: string;
}

/** What the oracle expects of a quantity, on drawn inputs. */
export function exampleOf(choices: ExampleChoices): Counterexample {
  const { quantity, shape, options = {}, steps = 1, verdict = "wrong", error } = choices;
  const norm = normByName(choices.norm);
  const parityCase = {
    ...{ id: `${norm.name}/case`, about: "", shape, options, steps },
    input: normal(0.5, 2),
  };
  const expected = expectation(norm, parityCase, drawInputs(norm, parityCase, 0), 0);
  const [upstream] = expected.upstreams;
  const given = materialized(norm, parityCase, 0, upstream!.dy);
  const { bounded } = (expected.outputs[quantity] ?? upstream!.gradients[quantity])!;
  const shapes = {
    ...arrayShapes(norm, given),
    ...(upstream!.gradients[quantity] && { [UPSTREAM]: expected.outputShape }),
  };
  return {
    kind: "counterexample",
    schema: SCHEMA,
    backend: choices.backend ?? "cpu",
    norm: norm.name,
    contender: choices.contender ?? "mine",
    found: parityCase.id,
    shape: [...shape],
    options: { ...options },
    steps,
    inputs: Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        { shape: [...shape], values: [...given.arrays[name]!] },
      ]),
    ),
    quantity,
    verdict,
    ...(error !== undefined && { error }),
    expected: { shape: [...bounded.shape], values: [...bounded.values] },
    budget: [...bounded.anyOrder],
  };
}
