/**
 * Cases for tests, with what the oracle expects of them.
 *
 * @module
 */
import { normal } from "../../fixtures/distribution.ts";
import { drawInputs, type ParityCase } from "../../fixtures/parity_case.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import { normByName } from "../../norms/registry.ts";
import { type Expectation, expectation } from "./expect.ts";

export interface Expected {
  readonly norm: Norm;
  readonly parityCase: ParityCase;
  readonly expected: Expectation;
}

export interface CaseFields extends Partial<Omit<ParityCase, "options">> {
  readonly options?: ParityCase["options"] & Readonly<Record<string, unknown>>;
}

export function expectedOf(
  name: string,
  fields: CaseFields = {},
  seed = 0,
): Expected {
  const norm = normByName(name);
  const parityCase: ParityCase = {
    id: `${name}/test`,
    about: "a test",
    shape: [6, 4],
    options: {},
    input: normal(0.5, 2),
    ...fields,
  };
  const inputs = drawInputs(norm, parityCase, seed);
  return { norm, parityCase, expected: expectation(norm, parityCase, inputs, seed) };
}
