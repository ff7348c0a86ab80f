import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import { NORMS } from "../../norms/registry.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { rememberBackend, useBackend } from "../backend/active_backend.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import { parity } from "../parity/parity.ts";
import { gradcheck } from "./gradcheck.ts";

function normal(shape: number[], seed = "x"): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from(standardNormal(size, uniformStream(seed))), shape);
}

function cube(gradient: (x: Tensor, dy: Tensor) => Tensor) {
  const f = tf.customGrad((x) => ({
    value: tf.pow(x as Tensor, 3),
    gradFunc: (dy: Tensor) => gradient(x as Tensor, dy),
  }));
  return ({ x }: Record<string, Tensor>) => f(x!);
}

const rightCube = cube((x, dy) => tf.mul(dy, tf.mul(3, tf.square(x))));

/** Wrong in one element alone, by a fiftieth. */
const almostCube = cube((x, dy) => {
  const slip = tf.buffer(x.shape as [number, number]);
  slip.set(0.06, 1, 2);
  return tf.mul(dy, tf.mul(tf.add(3, slip.toTensor()), tf.square(x)));
});

testOnEveryBackend("the right gradient is right, element by element and fast", async () => {
  for (const fast of [false, true]) {
    const { isRight, inputs, summary } = await gradcheck(rightCube, { x: normal([3, 4]) }, {
      fast,
    });
    assert(isRight, summary);
    assertLess(inputs[0]!.resolution, 0.05);
    assertStringIncludes(summary, "The gradient of x is right");
  }
});

testOnEveryBackend("one wrong element is found, and named with both its values", async () => {
  const x = tf.tensor2d([[0.5, 1, -1, 2], [1, -2, 1.5, 0.25], [-1, 1, 2, -0.5]]);
  const { isRight, inputs, summary } = await gradcheck(almostCube, { x });
  assertEquals(isRight, false);
  assertEquals(inputs[0]!.worst.index, [1, 2]);
  assertStringIncludes(summary, "The gradient of x is wrong: at x[1, 2] it is");
  assertLess(Math.abs(inputs[0]!.worst.analytic / inputs[0]!.worst.numeric - 1.02), 0.002);
});

testOn(
  "cpu",
  "the fast mode takes inputs of more elements than a call takes arguments",
  async () => {
    const x = normal([400, 400]);
    const { isRight, summary } = await gradcheck(rightCube, { x }, { fast: true, directions: 2 });
    assert(isRight, summary);
  },
);

testOn(
  "cpu",
  "a zero gradient is right where the function is flat, and a wrong one is found",
  async () => {
    const negative = tf.tensor1d([-1, -2, -3]);
    const flat = await gradcheck(({ x }) => tf.relu(x!), { x: negative });
    assert(flat.isRight, flat.summary);
    assertEquals(flat.inputs[0]!.error, 0);
    const vertex = await gradcheck(({ x }) => tf.square(x!), { x: tf.zeros([3]) });
    assert(vertex.isRight, vertex.summary);
    const wrong = tf.customGrad((x) => ({
      value: tf.relu(x as Tensor),
      gradFunc: (dy: Tensor) => dy,
    }));
    assertEquals((await gradcheck(({ x }) => wrong(x!), { x: negative })).isRight, false);
  },
);

testOn("cpu", "a gradient that is wrong everywhere is found by a few directions", async () => {
  const wrong = cube((x, dy) => tf.mul(dy, tf.mul(3.1, tf.square(x))));
  const { isRight, summary } = await gradcheck(wrong, { x: normal([40, 100]) }, {
    fast: true,
    directions: 4,
  });
  assertEquals(isRight, false);
  assertStringIncludes(summary, "along a random direction");
});

for (const norm of NORMS) {
  for (const [name, implementation] of Object.entries(norm.implementations)) {
    testOn("cpu", `${norm.name}, ${name}: the norms pass`, async () => {
      const options = { training: true, units: 3, groups: 2, epsilon: 1e-3 };
      const shape = norm.name === "instance" ? [3, 5, 4] : [6, 4];
      const specs = norm.inputs(shape, options);
      const inputs = Object.fromEntries(specs.map((spec) => [
        spec.name,
        spec.initializer === "ones"
          ? tf.add(1, tf.mul(0.1, normal([...spec.shape], spec.name)))
          : normal([...spec.shape], spec.name),
      ]));
      const learned = specs.filter(({ role }) => role !== "state").map((spec) => spec.name);
      const checked = Object.fromEntries(learned.map((input) => [input, inputs[input]!]));
      const f = (given: Record<string, Tensor>) =>
        implementation({ ...inputs, ...given }, options)["y"]!;
      const { isRight, summary } = await gradcheck(f, checked);
      assert(isRight, summary);
    });
  }
}

testOn("cpu", "an offset does not disturb the check: the step follows the spread", async () => {
  const x = tf.add(normal([6, 4]), 20);
  const { isRight, summary } = await gradcheck(({ x }) => tf.sub(x!, tf.mean(x!, 0)), { x });
  assert(isRight, summary);
});

testOn("cpu", "a kink is counted, and not taken for an error", async () => {
  const values = standardNormal(200, uniformStream("x"));
  // At a kink, beside it, and within the reach of one step and of two.
  const near = [0, 1e-4, -1e-3, 2e-3, 2.6e-3, -3.5e-3, 5e-3];
  near.forEach((value, i) => values[10 * i] = value);
  const x = tf.tensor(Float32Array.from(values), [10, 20]);
  const kinked = ({ x }: Record<string, Tensor>) => tf.add(tf.square(x!), tf.leakyRelu(x!, 0.01));
  const { isRight, inputs, summary } = await gradcheck(kinked, { x });
  assert(isRight, summary);
  assertGreater(inputs[0]!.kinks, 0);
  assertLess(inputs[0]!.kinks, 10);
  assertLess(inputs[0]!.resolution, 0.01);
  assertStringIncludes(summary, "at or near a kink");
});

testOn("cpu", "a wrong gradient is found beside kinks, too", async () => {
  const wrong = tf.customGrad((x) => ({
    value: tf.relu(x as Tensor),
    gradFunc: (dy: Tensor) => tf.mul(dy, tf.step(tf.sub(x as Tensor, 0.5))),
  }));
  const { isRight, inputs } = await gradcheck(({ x }) => wrong(x!), { x: normal([10, 20]) });
  assertEquals(isRight, false);
  assertEquals(inputs[0]!.worst.analytic, 0);
});

testOn("cpu", "integers are inputs, but not checked", async () => {
  const inputs = { x: normal([4, 3]), rows: tf.tensor1d([2, 0], "int32") };
  const result = await gradcheck(({ x, rows }) => tf.gather(x!, rows as tf.Tensor1D), inputs);
  assert(result.isRight, result.summary);
  assertEquals(result.inputs.map(({ name }) => name), ["x"]);
});

testOn("cpu", "a function that gives something else each time is not checked", async () => {
  let calls = 0;
  const { isRight, inputs, summary } = await gradcheck(
    ({ x }) => tf.mul(x!, ++calls),
    { x: tf.tensor1d([1, 2]) },
  );
  assertEquals(isRight, false);
  assertEquals(inputs, []);
  assertStringIncludes(summary, "not deterministic");
  assertStringIncludes(summary, "was 1 and then 2");
});

testOn("cpu", "a NaN never passes", async () => {
  const wrong = cube((x, dy) => tf.mul(dy, tf.log(tf.neg(tf.abs(x)))));
  const { isRight, summary } = await gradcheck(wrong, { x: normal([2, 2]) });
  assertEquals(isRight, false);
  assertStringIncludes(summary, "NaN");
});

testOn("cpu", "what no difference can tell is unclear, and not right", async () => {
  // The mean is taken away again, so that the gradient with respect to the shift is zero.
  const f = ({ x, shift }: Record<string, Tensor>) => {
    const shifted = tf.add(x!, shift!);
    return tf.sub(shifted, tf.mean(shifted));
  };
  const { isRight, inputs, summary } = await gradcheck(f, {
    x: normal([4, 3]),
    shift: tf.tensor1d([0.3]),
  });
  assertEquals(isRight, false);
  assertEquals(inputs.map(({ verdict }) => verdict), ["right", "unclear"]);
  assertStringIncludes(summary, "Either the gradient is zero");
});

testOn("cpu", "all tensors are disposed of", async () => {
  const x = normal([2, 3]);
  const before = tf.memory().numTensors;
  await gradcheck(rightCube, { x });
  assertEquals(tf.memory().numTensors, before);
});

testOn("cpu", "wrong calls are refused", async () => {
  const x = tf.tensor1d([1, 2]);
  await assertRejects(() => gradcheck(rightCube, { x }, { step: 0 }), RangeError, "step 0");
  await assertRejects(
    () => gradcheck(rightCube, { x }, { directions: 0 }),
    RangeError,
    "directions",
  );
  await assertRejects(
    () => gradcheck(rightCube, { x: tf.tensor1d([1, Infinity]) }),
    RangeError,
    "x",
  );
  await assertRejects(() => gradcheck(rightCube, { x: x.toInt() }), TypeError, "float32");
  await assertRejects(() => gradcheck(rightCube, { x: tf.zeros([0]) }), RangeError, "x is empty");
  const later = () => Promise.resolve(x) as unknown as Tensor;
  await assertRejects(() => gradcheck(later, { x }), TypeError, "returned a promise");
  const record = () => ({ y: x }) as unknown as Tensor;
  await assertRejects(() => gradcheck(record, { x }), TypeError, "must return a tensor");
});

Deno.test("concurrent calls run on the backend that was active when they were made", async () => {
  const ran: string[] = [];
  const watched = ({ x }: Record<string, Tensor>) => {
    ran.push(tf.getBackend());
    return rightCube({ x: x! });
  };
  await useBackend("cpu");
  const x = normal([2, 3]);
  const alone = await gradcheck(watched, { x });
  const calls = ran.length;
  const other = parity(({ x }) => x!, { norm: "layer", shape: [4, 3], backend: "wasm" });
  const beside = await Promise.all([gradcheck(watched, { x }), gradcheck(watched, { x }), other]);
  assertEquals(beside.slice(0, 2), [alone, alone]);
  assertEquals(ran, Array(3 * calls).fill("cpu"));
  x.dispose();
});

Deno.test("a function that changes the backend is refused", async () => {
  await useBackend("cpu");
  const x = normal([2, 3]);
  const before = rememberBackend();
  const f = ({ x }: Record<string, Tensor>) => {
    const y = rightCube({ x: x! });
    tf.setBackend("wasm");
    return y;
  };
  await assertRejects(() => gradcheck(f, { x }), Error, "cpu was to compute");
  await before.restore();
  x.dispose();
});
