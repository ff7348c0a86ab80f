/** Operations that are made of a formula, judged on backends. */
import { assert, assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { type Distribution, normal } from "../../fixtures/distribution.ts";
import { operationCases } from "../../fixtures/parity_cases.ts";
import type { Operation, Tensors } from "../../norms/basics/norm.ts";
import type { Shape } from "../../norms/basics/shape.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import { defineOperation } from "../../norms/oracle/formula.ts";
import { testOn } from "../backend/backends_testing.ts";
import { captureTask, inTemporaryFolder } from "../run/task_testing.ts";
import { parity } from "./parity.ts";
import { PARITY_TASK } from "./task.ts";

const features = (shape: Shape) => shape.slice(-1);
const affine = (shape: Shape) => ({ gamma: features(shape), beta: features(shape) });

/** Layer norm that divides by the root mean square, its mean not subtracted. */
const UNCENTRED = defineOperation({
  name: "uncentred",
  inputs: affine,
  compute: ({ x, gamma, beta }, { epsilon = 1e-5 }: { epsilon?: number }) =>
    x.mul(x.square().mean(-1, true).add(epsilon).rsqrt()).mul(gamma).add(beta),
});

const GELU = defineOperation({
  name: "gelu",
  compute: ({ x }) => x.mul(0.5).mul(x.div(Math.SQRT2).erf().add(1)),
});

const OPERATIONS: readonly Operation[] = [
  UNCENTRED,
  GELU,
  defineOperation({
    name: "layer-formula",
    inputs: affine,
    compute({ x, gamma, beta }, { epsilon = 1e-3 }: { epsilon?: number }) {
      const centred = x.sub(x.mean(-1, true));
      const variance = centred.square().mean(-1, true);
      return centred.div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
    },
  }),
  defineOperation({ name: "swish", compute: ({ x }) => x.mul(x.sigmoid()) }),
  defineOperation({
    name: "dyt",
    inputs: affine,
    compute: ({ x, gamma, beta }, { alpha = 0.5 }: { alpha?: number }) =>
      x.mul(alpha).tanh().mul(gamma).add(beta),
  }),
  defineOperation({
    name: "cross-entropy",
    inputs: (shape) => ({ labels: { shape, positive: true } }),
    compute: ({ x, labels }) => x.logSoftmax().mul(labels).sum(-1).mean().neg(),
  }),
  defineOperation({
    name: "attention",
    inputs: (shape) => ({ query: [features(shape)[0]!, 4], key: [features(shape)[0]!, 4] }),
    compute: ({ x, query, key }) =>
      x.matMul(query).matMul(x.matMul(key), false, true).div(2).softmax().matMul(x),
  }),
  defineOperation({
    name: "gate",
    compute: ({ x }) => x.slice([0, 0], [-1, 3]).mul(x.slice([0, 3], [-1, 3]).relu()).concat(x, 1),
  }),
];

const SHAPE = [6, 16];
const INPUTS: readonly Distribution[] = [normal(0, 1), normal(0.5, 2), normal(100, 1)];

/** A formula run on tensors, in the place of a norm of a user's. */
function onTensors({ implementations }: Operation) {
  return (tensors: Tensors, options: object) =>
    implementations["composed"]!(tensors, options) as Record<string, Tensor>;
}

for (const backend of ["cpu", "wasm", "tensorflow"] as const) {
  for (const norm of OPERATIONS) {
    testOn(backend, `${norm.name}: the formula in tensors is within its own bounds`, async () => {
      let most = 0;
      for (const [seed, input] of INPUTS.entries()) {
        const options = { norm, shape: SHAPE, input, backend, seed };
        const { records, ratio } = await parity(onTensors(norm), options);
        const verdicts = records.flatMap((record) =>
          record.kind === "parity" ? record.verdict : []
        );
        // What was run as a custom norm is the reference, too.
        assertEquals(verdicts.length, 2);
        for (const verdict of verdicts) assert(/^(right|not judged)$/.test(verdict), verdict);
        most = Math.max(most, ratio);
      }
      assert(most > 0, "nothing was compared");
    });
  }
}

Deno.test("a mistake in an operation of one's own is wrong, another order of it right", async () => {
  const verdictOf = async (norm: Operation, f: (tensors: Record<string, Tensor>) => Tensor) =>
    (await parity((tensors: Tensors) => f({ ...tensors }), { norm, shape: SHAPE, backend: "cpu" }))
      .verdict;
  const { x: _, ...mistakes } = {
    x: "",
    "epsilon outside the root": ({ x, gamma, beta }: Record<string, Tensor>) =>
      x!.div(x!.square().mean(-1, true).sqrt().add(1e-5)).mul(gamma!).add(beta!),
    "the wrong axis": ({ x, gamma, beta }: Record<string, Tensor>) =>
      x!.mul(x!.square().mean(0, true).add(1e-5).rsqrt()).mul(gamma!).add(beta!),
    "no beta": ({ x, gamma }: Record<string, Tensor>) =>
      x!.mul(x!.square().mean(-1, true).add(1e-5).rsqrt()).mul(gamma!),
  };
  for (const f of Object.values(mistakes)) assertEquals(await verdictOf(UNCENTRED, f), "wrong");
  const divided = ({ x, gamma, beta }: Record<string, Tensor>) =>
    x!.div(x!.square().mean(-1, true).add(1e-5).sqrt()).mul(gamma!).add(beta!);
  assertEquals(await verdictOf(UNCENTRED, divided), "right");
  const byTanh = ({ x }: Record<string, Tensor>) =>
    x!.mul(0.5).mul(x!.add(x!.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI)).tanh().add(1));
  assertEquals(await verdictOf(GELU, byTanh), "wrong");
});

Deno.test("an operation without cases is tried on every shape that it names, or on some", () => {
  const idsOf = (operation: Operation) => operationCases(operation, "quick").map(({ id }) => id);
  assertEquals(idsOf(GELU)[0], "gelu/5x12-standard");
  const named = defineOperation({
    name: "named",
    shapes: [{ shape: [2, 3] }, { shape: [2, 3], options: { training: true } }, { shape: [] }],
    compute: ({ x }) => x,
  });
  const ids = idsOf(named);
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(ids.filter((id) => id.endsWith("-standard") || id.endsWith("-standard-2")), [
    "named/2x3-standard",
    "named/2x3-standard-2",
    "named/scalar-standard",
  ]);
});

Deno.test("--module judges an operation with its implementations", () =>
  inTemporaryFolder(async (folder) => {
    const judge = async (implementations: string) => {
      const file = `${await Deno.makeTempDir({ dir: folder })}/activation.ts`;
      await Deno.writeTextFile(
        file,
        `import { defineOperation } from "${new URL("../../mod.ts", import.meta.url).href}";
         export const swish = defineOperation({
           name: "swish",
           shapes: [{ shape: [3, 5] }],
           compute: ({ x }) => x.mul(x.sigmoid()),
           implementations: { ${implementations} },
         });`,
      );
      const args = ["--module", file, "--backend", "cpu", "--case", "standard"];
      return await captureTask(PARITY_TASK, ...args, "--out", dirname(file));
    };
    const { status, output } = await judge(`
      right: ({ x }) => ({ y: x.mul(x.sigmoid()) }),
      tensor: ({ x }) => x.mul(x.sigmoid()),
      wrong: ({ x }) => ({ y: x.mul(x.tanh()) })`);
    assertEquals(status, 1);
    assert(/wrong: swish\.wrong swish\/3x5-standard: /.test(output), output);
    assert(!/(wrong|cannot run): swish\.(right|tensor)/.test(output));
    // There are no planted faults of an operation of one's own.
    assert(/Off: /.test(output) && !/planted/.test(output), output);
    const refused = await judge("nothing: ({ x }) => ({ z: x })");
    assertEquals(refused.status, 2);
    assert(/export swish\.nothing returned no y but z/.test(refused.errors), refused.errors);
  }));
