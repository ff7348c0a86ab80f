/**
 * Every gradient of every oracle against central differences of its own outputs.
 *
 * The cases of the parity harness give shapes and options, so that a norm with cases is covered.
 *
 * @module
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import {
  drawInputs,
  drawUpstreams,
  type ParityCase,
  type Upstream,
} from "../../fixtures/parity_case.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { standardNormal, uniformStream } from "../basics/random.ts";
import type { BoundedArrays, Norm } from "../basics/norm.ts";
import { NORMS } from "../registry.ts";
import { size } from "../basics/shape.ts";
import { Bounded } from "./bounded.ts";

/** The step, in units of an input's size. */
const STEP = 1e-5;

/**
 * What may lie between a gradient and a central difference, as a share of their terms: STEP^2 for the
 * third derivative, 2^-53 / STEP for rounding, times a margin of ten.
 */
const TOLERANCE = 10 * (STEP ** 2 + 2 ** -53 / STEP);

/** Larger inputs test the same formula. */
const LARGEST = 5000;

/** The shapes and options of a norm's cases, each once, on data without an offset. */
function cases({ name }: Norm): ParityCase[] {
  const all = parityCases(name, "full")
    .filter(({ shape }) => size(shape) <= LARGEST)
    .map((parityCase) => ({ ...parityCase, input: normal(0.5, 2) }));
  const key = ({ shape, options }: ParityCase) => JSON.stringify([shape, options]);
  return [...new Map(all.map((parityCase) => [key(parityCase), parityCase])).values()];
}

/** sum(a b), and the sum of its terms' magnitudes. */
function dot(a: Float64Array, b: Float64Array): { value: number; magnitude: number } {
  let value = 0;
  let magnitude = 0;
  a.forEach((x, i) => {
    value += x * b[i]!;
    magnitude += Math.abs(x * b[i]!);
  });
  return { value, magnitude };
}

/** A random direction for `values`, as large as they are. */
function direction(values: Float64Array, seed: string): Float64Array {
  const rootMeanSquare = Math.sqrt(dot(values, values).value / values.length);
  return standardNormal(values.length, uniformStream(seed)).map((z) => z * rootMeanSquare);
}

for (const norm of NORMS) {
  Deno.test(`${norm.name}: there are cases to check its gradients on`, () => {
    assert(cases(norm).length > 0);
  });

  for (const parityCase of cases(norm)) {
    const { id, options } = parityCase;
    Deno.test(`${id}: gradients are the slopes of the output`, () => {
      const { specs, values } = drawInputs(norm, parityCase, 1);
      const inputs: BoundedArrays = Object.fromEntries(
        specs.map(({ name, shape }) => [name, Bounded.exact(values[name]!, shape)]),
      );
      const { shape } = norm.oracle.forward(inputs, options)["y"]!;
      const [{ values: upstream }] = drawUpstreams(norm, parityCase, shape, 1) as [Upstream];
      const dy = Bounded.exact(upstream, shape);
      const gradients = norm.oracle.backward(inputs, options, dy);
      const differentiable = specs.filter(({ role }) => role !== "state").map(({ name }) => name);
      assertEquals(Object.keys(gradients).sort(), differentiable.sort());

      /** sum(y dy) with one input moved. */
      const loss = (name: string, along: Float64Array, step: number) => {
        const moved = inputs[name]!.values.map((value, i) => value + step * along[i]!);
        const input = Bounded.exact(moved, inputs[name]!.shape);
        const y = norm.oracle.forward({ ...inputs, [name]: input }, options)["y"]!;
        return dot(y.values, dy.values);
      };
      for (const [name, gradient] of Object.entries(gradients)) {
        assertEquals(gradient.shape, inputs[name]!.shape, name);
        const along = direction(inputs[name]!.values, `${id}/${name}`);
        const [ahead, behind] = [loss(name, along, STEP), loss(name, along, -STEP)];
        const slope = (ahead.value - behind.value) / (2 * STEP);
        const expected = dot(gradient.values, along);
        const scale = expected.magnitude + ahead.magnitude;
        assertLessOrEqual(Math.abs(slope - expected.value) / scale, TOLERANCE, `d${name}`);
      }
    });
  }
}
