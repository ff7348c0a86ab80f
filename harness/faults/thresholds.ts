/**
 * Detection thresholds: how small an error parity notices, beside what PyTorch's own tests notice.
 *
 * @module
 */
import { drawInputs } from "../../fixtures/parity_case.ts";
import { parityCases } from "../../fixtures/parity_cases.ts";
import { Bounded } from "../../norms/oracle/bounded.ts";
import { NORMS } from "../../norms/registry.ts";
import { formatNumber } from "../../reports/format.ts";
import { markdownTable, table } from "../../reports/table.ts";
import { expect, expectation, type ExpectedArrays } from "../parity/expect.ts";

/** The defaults of torch.testing.assert_close for float32. */
const ASSERT_CLOSE = { relative: 1.3e-6, absolute: 1e-5 };

/** Cases that differ in what makes a budget: how many terms, and how large an offset; as far as a norm has them. */
const CASES = [
  "dense",
  "conv",
  "square",
  "long-groups",
  "offset-sweep-0",
  "offset-sweep-100",
  "offset-sweep-10000",
  "predict",
];

/** The smallest error that is noticed in half of the elements, in units in the last place. */
export interface Threshold {
  readonly caseId: string;
  readonly quantity: string;
  readonly normbench: number;
  readonly assertClose: number;
}

/** The thresholds of every output in some cases of every norm; of a gradient, with the upstream where it is least. */
export function thresholds(seed: number): Threshold[] {
  return NORMS.flatMap((norm) =>
    parityCases(norm.name, "full")
      .filter(({ id }) => CASES.some((name) => id === `${norm.name}/${name}`))
      .flatMap((parityCase) => {
        const inputs = drawInputs(norm, parityCase, seed);
        const { outputs, upstreams } = expectation(norm, parityCase, inputs, seed);
        const all = [outputs, ...upstreams.map(({ gradients }) => gradients)];
        const names = [...new Set(all.flatMap((arrays) => Object.keys(arrays)))];
        return names.map((quantity) => ({
          caseId: parityCase.id,
          quantity,
          normbench: least(all, quantity, ({ budgetUlp }) => budgetUlp),
          assertClose: least(all, quantity, ({ bounded }) => expect(closeTo(bounded)).budgetUlp),
        }));
      })
  );
}

function least(
  all: readonly ExpectedArrays[],
  quantity: string,
  of: (expected: ExpectedArrays[string]) => number,
): number {
  const found = all.flatMap((arrays) => arrays[quantity] ?? []);
  return Math.min(...found.map(of));
}

/** The same values with the tolerance of assert_close. */
function closeTo({ shape, values }: Bounded): Bounded {
  const { relative, absolute } = ASSERT_CLOSE;
  return new Bounded(shape, values, values.map((x) => absolute + relative * Math.abs(x)));
}

/** A row for every case, a column for every output: ours, and in brackets that of assert_close. */
export function thresholdMarkdown(all: readonly Threshold[]): string {
  const quantities = ["y", "dx", "dgamma", "dbeta", "movingMean", "movingVariance", "dv", "dg"];
  const rows = [...Map.groupBy(all, ({ caseId }) => caseId)].map(([caseId, ofCase]) => [
    caseId,
    ...quantities.map((name) => {
      const found = ofCase.find(({ quantity }) => quantity === name);
      if (found === undefined) return "";
      return `${formatNumber(found.normbench, 2)} (${formatNumber(found.assertClose, 2)})`;
    }),
  ]);
  return markdownTable(table(["case", ...quantities.map((name) => `${name}#`)], rows));
}
