import { assert, assertEquals, assertLess } from "@std/assert";
import { relativeError } from "../gradcheck/float64.ts";
import { testOnEveryBackend } from "../backend/backends_testing.ts";
import { exact, oracleArithmetic, tensorArithmetic } from "./arithmetic.ts";
import { batchNorm } from "../../norms/batch_norm.ts";
import { RandomState } from "../../fixtures/numpy_random.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { forward, simplified, stepByStep } from "./gradients.ts";
import { matMul, matrix, moments, transpose } from "./matrix.ts";
import { type Printout, PUBLISHED } from "./published.ts";
import type { PrintoutRecord } from "./record.ts";
import { printoutRecords } from "./verdict.ts";

/** The initial losses of N6, computed by a few lines of NumPy from the same seed. */
const NUMPY_LOSSES = [2.609886575288241, 7.008456540025971];

function initialLosses(measured: readonly Printout[]): number[] {
  return measured.filter(({ name }) => name.startsWith("initial loss"))
    .flatMap(({ values }) => values);
}

/** Nothing differs, and every printout of the experiment is there. */
function assertReproduced(records: readonly PrintoutRecord[], experiment: string): void {
  const differing = records.filter(({ verdict }) => verdict === "differs");
  assertEquals(differing, []);
  assertEquals(
    new Set(records.map(({ figure }) => figure)),
    new Set(Object.keys(PUBLISHED[experiment]!)),
  );
}

for (const experiment of EXPERIMENTS) {
  const { name } = experiment;
  if (experiment.kind === "forward") {
    Deno.test(`${name}: every printed digit, in float64`, async () => {
      const measured = await experiment.measure(oracleArithmetic);
      const records = printoutRecords(name, "float64", measured);
      assertReproduced(records, name);
      const digits = records.filter(({ noise }) => noise === undefined);
      assert(digits.every(({ verdict }) => verdict === "same digits"));
    });
    testOnEveryBackend(`${name}: as far as float32 goes`, async (backend) => {
      const measured = await experiment.measure(tensorArithmetic(backend));
      assertReproduced(printoutRecords(name, backend, measured), name);
    });
  }
  if (experiment.kind === "gradient") {
    Deno.test(`${name}: gradients are as right as the notebook's`, async () => {
      const measured = await experiment.measure();
      const records = printoutRecords(name, "float64", measured);
      assertReproduced(records, name);
      const inexact = records.filter(({ verdict }) => verdict !== "same digits");
      // The order of sums decides these alone.
      if (name === "N3") {
        const errors = ["error of dx, batch norm", "error of dx, layer norm"];
        assertEquals(inexact.map(({ figure }) => figure), errors);
      }
      if (name === "N6") assertLess(relativeError(initialLosses(measured), NUMPY_LOSSES), 1e-15);
    });
  }
}

Deno.test("both backward passes agree with the oracle", () => {
  const random = new RandomState(1);
  const x = matrix([6, 3], random.randn(6, 3));
  const [gamma, beta] = [random.randn(3), random.randn(3)];
  const dy = matrix([6, 3], random.randn(6, 3));
  const state = { movingMean: exact(beta), movingVariance: exact(beta) };
  const inputs = { x: exact(x), gamma: exact(gamma), beta: exact(beta), ...state };
  const options = { training: true, epsilon: 1e-5 };
  const { y, cache } = forward(x, { gamma, beta });
  assertLess(
    relativeError(y.values, batchNorm.oracle.forward(inputs, options)["y"]!.values),
    1e-12,
  );
  const expected = batchNorm.oracle.backward(inputs, options, exact(dy));
  for (const pass of [stepByStep, simplified]) {
    const got = pass(cache, dy);
    assertLess(relativeError(got.x, expected["x"]!.values), 1e-11);
    assertLess(relativeError(got.gamma, expected["gamma"]!.values), 1e-11);
    assertLess(relativeError(got.beta, expected["beta"]!.values), 1e-11);
  }
});

Deno.test("matrices are multiplied and transposed, and have moments", () => {
  const a = matrix([2, 3], Float64Array.of(1, 2, 3, 4, 5, 6));
  assertEquals(transpose(a), matrix([3, 2], Float64Array.of(1, 4, 2, 5, 3, 6)));
  assertEquals(matMul(a, transpose(a)), matrix([2, 2], Float64Array.of(14, 32, 32, 77)));
  const [means, spread] = [[2.5, 3.5, 4.5], [1.5, 1.5, 1.5]];
  assertEquals(moments(a, 0), { means, variances: [2.25, 2.25, 2.25], deviations: spread });
  assertEquals(moments(a, 1).means, [2, 5]);
});
