import { assert, assertEquals } from "@std/assert";
import type { Tensors } from "../../norms/basics/norm.ts";
import type { BatchNormOptions } from "../../norms/basics/options.ts";
import { functionSubject, type Subject } from "../../norms/basics/subject.ts";
import * as tf from "../../norms/basics/tf.ts";
import { useBackend } from "../backend/active_backend.ts";
import { type Answers, evaluate } from "./evaluate.ts";
import { judge } from "./compare.ts";
import { type Expected, expectedOf } from "./expected_testing.ts";

await useBackend("cpu");

const layer = expectedOf("layer", { options: { scale: false } });

const batch = expectedOf("batch", { options: { training: true, momentum: 0.5 }, steps: 3 });

function answersOf(
  { parityCase, expected }: Expected,
  subject: Subject | ((inputs: Tensors, options: BatchNormOptions) => Tensors),
): Promise<Answers> {
  return evaluate(
    typeof subject === "function" ? functionSubject(subject) : subject,
    parityCase,
    expected,
  );
}

/** What was answered for the first upstream gradient, with what was expected. */
function pairs({ expected }: Expected, answers: Answers) {
  const { gradients } = expected.upstreams[0]!;
  const expectations = { ...expected.outputs, ...gradients };
  return Object.entries({ ...answers.outputs, ...answers.gradients[0] })
    .flatMap(([name, answer]) => {
      const of = expectations[name];
      return of === undefined ? [] : [{ name, answer, of }];
    });
}

/** Quantities that were answered, and are within their budgets. */
function right(expected: Expected, answers: Answers): string[] {
  return pairs(expected, answers)
    .filter(({ answer, of }) => ["right", "not judged"].includes(judge(answer, of).verdict))
    .map(({ name }) => name);
}

function failures({ outputs, gradients }: Answers): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...outputs, ...gradients[0] }).flatMap(([name, answer]) =>
      answer instanceof Float32Array ? [] : [[name, answer.error]]
    ),
  );
}

function standardize(x: tf.Tensor, axis: number): { xhat: tf.Tensor; moments: tf.Tensor[] } {
  const { mean, variance } = tf.moments(x, axis, true);
  return { xhat: x.sub(mean).div(variance.add(1e-3).sqrt()), moments: [mean, variance] };
}

const layerFunction = ({ x, beta }: Tensors): Tensors => ({
  y: standardize(x!, 1).xhat.add(beta!),
});

function batchFunction(tensors: Tensors, { training }: BatchNormOptions): Tensors {
  const { x, gamma, beta, movingMean, movingVariance } = tensors;
  const affine = (xhat: tf.Tensor) => xhat.mul(gamma!).add(beta!);
  if (!training) {
    const xhat = x!.sub(movingMean!).div(movingVariance!.add(1e-3).sqrt());
    return { y: affine(xhat), movingMean: movingMean!, movingVariance: movingVariance! };
  }
  const { xhat, moments } = standardize(x!, 0);
  const [mean, variance] = moments.map((moment) => moment.flatten().mul(0.5));
  return {
    y: affine(xhat),
    movingMean: movingMean!.mul(0.5).add(mean!),
    movingVariance: movingVariance!.mul(0.5).add(variance!),
  };
}

Deno.test("a right function answers every quantity", async () => {
  const answers = await answersOf(layer, layerFunction);
  assertEquals(right(layer, answers), ["y", "dx", "dbeta"]);
});

Deno.test("running statistics are followed over all steps, and predicted with", async () => {
  const answers = await answersOf(batch, batchFunction);
  assertEquals(
    right(batch, answers).sort(),
    ["dbeta", "dgamma", "dx", "movingMean", "movingVariance", "y", "yPredict"],
  );
});

Deno.test("statistics that are right after one step only are found out", async () => {
  let steps = 0;
  const forgetful = (inputs: Tensors, options: BatchNormOptions): Tensors => {
    const outputs = batchFunction(inputs, options);
    return options.training && ++steps > 1
      ? { ...outputs, movingMean: inputs["movingMean"]! }
      : outputs;
  };
  const answers = await answersOf(batch, forgetful);
  assert(!right(batch, answers).includes("movingMean"));
  assert(right(batch, answers).includes("movingVariance"));
});

Deno.test("a function that returns y alone answers y alone, and its gradients", async () => {
  const answers = await answersOf(batch, (inputs, options) => {
    const { y } = batchFunction(inputs, options);
    return { y: y! };
  });
  assertEquals(pairs(batch, answers).map(({ name }) => name).sort(), [
    "dbeta",
    "dgamma",
    "dx",
    "y",
  ]);
  assertEquals(right(batch, answers).length, 4);
});

Deno.test("gradients are answered for every upstream gradient of the case", async () => {
  const { gradients } = await answersOf(layer, layerFunction);
  const { upstreams } = layer.expected;
  assert(upstreams.length > 1);
  const verdicts = gradients.map(({ dx }, i) => judge(dx, upstreams[i]!.gradients["dx"]!).verdict);
  assertEquals(verdicts.filter((verdict) => verdict !== "right" && verdict !== "not judged"), []);
  assertEquals(gradients.length, upstreams.length);
});

Deno.test("a function that throws fails in every quantity, with its error", async () => {
  const answers = await answersOf(layer, () => {
    throw new Error("no such axis");
  });
  const error = "no such axis";
  assertEquals(failures(answers), { y: error, dx: error, dbeta: error });
});

Deno.test("a gradient that throws leaves the outputs as they are", async () => {
  const blocked = (inputs: Tensors): Tensors => {
    const { y } = layerFunction(inputs);
    const identity = tf.customGrad((y) => ({
      value: (y as tf.Tensor).clone(),
      gradFunc: () => {
        throw new Error("no gradient");
      },
    }));
    return { y: identity(y!) };
  };
  const answers = await answersOf(layer, blocked);
  assertEquals(right(layer, answers), ["y"]);
  assertEquals(failures(answers), { dx: "no gradient", dbeta: "no gradient" });
});

const WRONG_OUTPUTS: Readonly<Record<string, { y: (y: tf.Tensor) => Tensors; error: string }>> = {
  "of another shape": {
    y: (y) => ({ y: tf.transpose(y) }),
    error: "y has shape [4,6], expected [6,4]",
  },
  "of whole numbers": {
    y: (y) => ({ y: tf.cast(y, "int32") }),
    error: "y is int32, expected float32",
  },
  "under another name": { y: (y) => ({ out: y }), error: "the outputs hold no y" },
};

for (const [what, { y, error }] of Object.entries(WRONG_OUTPUTS)) {
  Deno.test(`an output ${what} is a failure that says so`, async () => {
    const answers = await answersOf(layer, (inputs) => y(layerFunction(inputs)["y"]!));
    assertEquals(failures(answers)["y"], error);
  });
}

Deno.test("a gradient that is missing, or of another shape, is a failure that says so", async () => {
  const forward = functionSubject(layerFunction).forward;
  const ones = (...shape: number[]) => tf.ones(shape);
  const withGradients = (gradients: () => Tensors): Subject => ({ forward, gradients });
  const missing = await answersOf(layer, withGradients(() => ({ x: ones(6, 4) })));
  assertEquals(right(layer, missing), ["y"]);
  assertEquals(failures(missing)["dbeta"], "there is no dbeta");
  const other = await answersOf(
    layer,
    withGradients(() => ({ x: ones(6, 4), beta: ones(6, 4) })),
  );
  assertEquals(failures(other)["dbeta"], "dbeta has shape [6,4], expected [4]");
});

Deno.test("an evaluation leaves nothing behind, whether it succeeds or fails", async () => {
  const before = tf.memory().numTensors;
  await answersOf(batch, batchFunction);
  await answersOf(layer, ({ x }) => ({ y: tf.add(x!, 1), extra: tf.ones([100]) }));
  await answersOf(layer, ({ x }) => {
    tf.mul(x!, x!);
    throw new Error("half way");
  });
  await answersOf(layer, ({ x }) => ({ y: tf.sum(tf.mul(x!, x!)) }));
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a tensor that the function keeps is not disposed of", async () => {
  const held = tf.zeros([6, 4]);
  await answersOf(layer, () => ({ y: held }));
  assert(!held.isDisposed);
  held.dispose();
});
