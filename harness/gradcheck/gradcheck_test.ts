import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { standardNormal, uniformStream } from "../../norms/basics/random.ts";
import type { Norm } from "../../norms/basics/norm.ts";
import { implementationsOf } from "../../norms/frames/apply.ts";
import { NORMS } from "../../norms/registry.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";
import { rememberBackend, useBackend } from "../backend/active_backend.ts";
import { testOn, testOnEveryBackend } from "../backend/backends_testing.ts";
import { parity } from "../parity/parity.ts";
import { gradcheck, type GradcheckOptions, gradgradcheck } from "./gradcheck.ts";

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

testOnEveryBackend(
  "the right gradient is right, element by element and along directions",
  async () => {
    for (const mode of ["full", "directional"] as const) {
      const { isRight, inputs, summary } = await gradcheck(rightCube, { x: normal([3, 4]) }, {
        mode,
      });
      assert(isRight, summary);
      assertEquals(inputs[0]!.mode, mode);
      assertLess(inputs[0]!.resolution, 0.05);
      assertStringIncludes(summary, "The gradient of x is right");
    }
  },
);

testOnEveryBackend("one wrong element is found, and named with both its values", async () => {
  const x = tf.tensor2d([[0.5, 1, -1, 2], [1, -2, 1.5, 0.25], [-1, 1, 2, -0.5]]);
  const { isRight, inputs, summary } = await gradcheck(almostCube, { x });
  assertEquals(isRight, false);
  assertEquals(inputs[0]!.worst!.index, [1, 2]);
  assertStringIncludes(summary, "The gradient of x is wrong: at x[1, 2] it is");
  assertLess(Math.abs(inputs[0]!.worst!.analytic / inputs[0]!.worst!.numeric - 1.02), 0.002);
});

testOn("cpu", "a large input is checked along directions, unless told otherwise", async () => {
  const { isRight, inputs, summary } = await gradcheck(rightCube, { x: normal([400, 400]) });
  assert(isRight, summary);
  assertEquals(inputs[0]!.mode, "directional");
});

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
    mode: "directional",
    directions: 4,
  });
  assertEquals(isRight, false);
  assertStringIncludes(summary, "along a random direction");
});

/** Random inputs of a norm, those with a gradient apart. */
function normInputs(norm: Norm, shape: number[], options: object) {
  const specs = norm.inputs(shape, options);
  const draw = (wanted: boolean) =>
    Object.fromEntries(
      specs.filter(({ role }) => (role === "state") === wanted).map((spec) => {
        const values = normal([...spec.shape], spec.name);
        return [spec.name, spec.initializer === "ones" ? tf.add(1, tf.mul(0.1, values)) : values];
      }),
    );
  return { state: draw(true), learned: draw(false) };
}

for (const norm of NORMS) {
  for (const [name, implementation] of Object.entries(norm.implementations)) {
    testOn("cpu", `${norm.name}, ${name}: the norms pass`, async () => {
      const options = { training: true, units: 3, groups: 2, epsilon: 1e-3 };
      const shape = norm.name === "instance" ? [3, 5, 4] : [6, 4];
      const { state, learned } = normInputs(norm, shape, options);
      const states = Object.keys(state);
      // The running statistics are outputs with a gradient, too.
      const f = (given: Record<string, Tensor>) => {
        const outputs = implementation({ ...state, ...given }, options);
        return tf.concat(
          [outputs["y"]!, ...states.map((each) => outputs[each]!)].map((each) => each.flatten()),
        );
      };
      const { isRight, summary } = await gradcheck(f, learned);
      assert(isRight, summary);
    });
  }
}

for (const norm of NORMS) {
  testOnEveryBackend(`${norm.name}: the gradients of all implementations pass twice`, async () => {
    const options = { training: true, units: 3, groups: 2, epsilon: 1e-3 };
    const shape = norm.name === "instance" ? [2, 3, 2] : [4, 4];
    const { state, learned } = normInputs(norm, shape, options);
    const { fused, ...differentiable } = implementationsOf(norm);
    for (const [name, implementation] of Object.entries(differentiable)) {
      const f = (given: Record<string, Tensor>) =>
        implementation({ ...state, ...given }, options)["y"]!;
      const { inputs, summary } = await gradgradcheck(f, learned, {
        mode: "directional",
        directions: 2,
      });
      const names = Object.keys(learned);
      assertEquals(inputs.length, names.length * (names.length + 1));
      const wrong = inputs.filter(({ verdict }) => verdict === "wrong");
      assertEquals(wrong, [], `${name}: ${summary}`);
      const byX = inputs.filter(({ of, name }) => of === norm.normalized && name === of);
      assertEquals(byX.map(({ verdict }) => verdict), ["right"], `${name}: ${summary}`);
    }
    if (fused === undefined) return;
    const f = (given: Record<string, Tensor>) => fused({ ...state, ...given }, options)["y"]!;
    await assertRejects(() => gradgradcheck(f, learned), RangeError, "first derivatives only");
  });
}

testOnEveryBackend(
  "the second derivative is right, element by element and along directions",
  async () => {
    for (const mode of ["full", "directional"] as const) {
      const x = normal([2, 3]);
      const { isRight, inputs, summary } = await gradgradcheck(rightCube, { x }, { mode });
      assert(isRight, summary);
      assertEquals(inputs.map(({ of, name }) => [of, name]), [["x", "x"], ["x", "dy"]]);
      assertStringIncludes(summary, "The derivative of x's gradient with respect to dy is right");
    }
  },
);

testOn(
  "cpu",
  "what a gradient computes inside is a constant to the tape, and is found",
  async () => {
    const f = tf.customGrad((x) => {
      const triple = tf.mul(3, tf.square(x as Tensor));
      (tf.keep as (tensor: Tensor) => Tensor)(triple);
      return { value: tf.pow(x as Tensor, 3), gradFunc: (dy: Tensor) => tf.mul(dy, triple) };
    });
    const x = normal([2, 3]);
    const once = await gradcheck(({ x }) => f(x!), { x });
    assert(once.isRight, once.summary);
    const twice = await gradgradcheck(({ x }) => f(x!), { x });
    assertEquals(twice.inputs.map(({ verdict }) => verdict), ["wrong", "right"]);
    assertStringIncludes(
      twice.summary,
      "The derivative of x's gradient with respect to x is wrong",
    );
    assertStringIncludes(twice.summary, "what is computed inside of tf.customGrad is a constant");
  },
);

testOn("cpu", "TensorFlow.js takes what exp saves for a constant, and is found out", async () => {
  const { inputs } = await gradgradcheck(({ x }) => tf.exp(x!), { x: normal([2, 3]) });
  assertEquals(inputs.map(({ verdict }) => verdict), ["wrong", "right"]);
});

testOn("cpu", "a gradient that does not depend on an input has the derivative zero", async () => {
  const inputs = { x: normal([2, 3]), shift: normal([3], "shift"), dy: normal([2, 3], "dy") };
  const f = ({ x, shift, dy }: Record<string, Tensor>) =>
    tf.add(tf.add(tf.square(x!), shift!), tf.mul(dy!, x!));
  const { isRight, inputs: checks, summary } = await gradgradcheck(f, inputs);
  assert(isRight, summary);
  assertEquals(checks.length, 3 * 4);
  assertEquals(checks[3]!.name, "upstream gradient");
  assertStringIncludes(
    summary,
    "The derivative of shift's gradient with respect to x is right: it is zero",
  );
});

testOn("cpu", "an operation without a second derivative is named", async () => {
  await assertRejects(
    () => gradgradcheck(({ x }) => tf.elu(x!), { x: normal([2, 3]) }),
    Error,
    "TensorFlow.js has no gradient of the operation EluGrad",
  );
});

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
  assertEquals(inputs[0]!.worst!.analytic, 0);
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

testOn(
  "cpu",
  "a zero gradient is right at the vertex of a cosine, and where values jump",
  async () => {
    const cosine = await gradcheck(({ x }) => tf.cos(x!), { x: tf.zeros([3]) });
    assert(cosine.isRight, cosine.summary);
    const steps = await gradcheck(({ x }) => tf.floor(x!), {
      x: tf.concat([[2.9999, 4], tf.linspace(0.3, 9.4, 20)]),
    });
    assert(steps.isRight, steps.summary);
    assertStringIncludes(steps.summary, "Not judged: x[1]: the slope grows without limit");
  },
);

const NEAR_THE_EDGE = [1e-8, 1e-6, 1e-4, 0.01, 0.5, 1, 2];

for (
  const [name, f, slope] of [
    ["sqrt", (x: Tensor) => tf.sqrt(x), (x: Tensor) => tf.div(0.5, tf.sqrt(x))],
    ["log", (x: Tensor) => tf.log(x), (x: Tensor) => tf.div(1, x)],
    ["a pole", (x: Tensor) => tf.reciprocal(x), (x: Tensor) => tf.div(-1, tf.square(x))],
  ] as const
) {
  testOn("cpu", `${name}: the step finds its way near the edge of the domain`, async () => {
    const x = tf.tensor1d(NEAR_THE_EDGE);
    const { isRight, inputs, summary } = await gradcheck(({ x }) => f(x!), { x });
    assert(isRight, summary);
    assertEquals(inputs[0]!.notJudged, []);
    assert(!/NaN|Infinity/.test(summary), summary);
    const wrong = tf.customGrad((x) => ({
      value: f(x as Tensor),
      gradFunc: (dy: Tensor) => tf.mul(tf.mul(dy, 1.1), slope(x as Tensor)),
    }));
    assertEquals((await gradcheck(({ x }) => wrong(x!), { x })).isRight, false);
  });

  testOn("cpu", `${name}: what cannot be judged is said, and does not spoil the rest`, async () => {
    const x = tf.tensor1d([0, 0.5, 1, 2]);
    const { isRight, inputs, summary } = await gradcheck(({ x }) => f(x!), { x });
    assert(isRight, summary);
    assertEquals(inputs[0]!.notJudged.map(({ count, index }) => [count, index]), [[1, [0]]]);
    assertStringIncludes(summary, "Not judged: x[0]: ");
    assert(!/NaN|Infinity/.test(summary), summary);
    const wrong = tf.customGrad((x) => ({
      value: f(x as Tensor),
      gradFunc: (dy: Tensor) => tf.mul(tf.mul(dy, [1, 1, 1.1, 1]), slope(x as Tensor)),
    }));
    const found = await gradcheck(({ x }) => wrong(x!), { x });
    assertEquals(found.isRight, false);
    assertEquals(found.inputs[0]!.worst!.index, [2]);
  });
}

testOn("cpu", "a vertical tangent is not judged", async () => {
  const cubeRoot = ({ x }: Record<string, Tensor>) =>
    tf.mul(tf.sign(x!), tf.pow(tf.abs(x!), 1 / 3));
  const x = tf.tensor1d([0, 1, -2, 3]);
  const { inputs, summary } = await gradcheck(cubeRoot, { x });
  assertNotEquals(inputs[0]!.verdict, "wrong", summary);
  assertEquals(inputs[0]!.notJudged.map(({ index }) => index), [[0]]);
});

testOn("cpu", "a one-sided slope is judged where the function ends", async () => {
  // x^1.5 ends at zero, where its slope is zero.
  const power = (atZero: number) =>
    tf.customGrad((x) => ({
      value: tf.pow(x as Tensor, 1.5),
      gradFunc: (dy: Tensor) =>
        tf.mul(dy, tf.add(tf.mul(1.5, tf.sqrt(x as Tensor)), [atZero, 0, 0])),
    }));
  const x = tf.tensor1d([0, 0.5, 2]);
  const right = await gradcheck(({ x }) => power(0)(x!), { x });
  assert(right.isRight, right.summary);
  assertEquals(right.inputs[0]!.notJudged, []);
});

testOn("cpu", "a gradient that is not a number is wrong where the function is smooth", async () => {
  // The gradient of the square root reaches elements that are not chosen.
  const isPositive = tf.tensor1d([0, 0, 1, 1, 1], "bool");
  const f = ({ x }: Record<string, Tensor>) => tf.where(isPositive, tf.sqrt(x!), tf.zerosLike(x!));
  for (const mode of ["full", "directional"] as const) {
    const x = tf.tensor1d([-1, -2, 0.5, 1, 2]);
    const { isRight, inputs, summary } = await gradcheck(f, { x }, { mode });
    assertEquals(isRight, false, summary);
    assertEquals(inputs[0]!.worst!.index, [0]);
    assertStringIncludes(summary, "it is NaN, but differences give 0");
  }
});

testOn("cpu", "the directional mode judges what is finite, and names the rest", async () => {
  const x = tf.concat([tf.zeros([3]), tf.range(1, 40)]);
  const { isRight, inputs, summary } = await gradcheck(({ x }) => tf.log(x!), { x }, {
    mode: "directional",
    directions: 2,
  });
  assert(isRight, summary);
  assertEquals(inputs[0]!.notJudged.map(({ count, index }) => [count, index]), [[2, [0]], [1, [
    2,
  ]]]);
});

testOn("cpu", "a million elements take memory for a constant number of them", async () => {
  const size = 2 ** 20;
  const x = normal([1024, 1024]);
  const before = tf.memory();
  let most = 0;
  const f = ({ x }: Record<string, Tensor>) => {
    const y = tf.square(x!);
    most = Math.max(most, tf.memory().numBytes - before.numBytes);
    return y;
  };
  const { isRight, inputs, summary } = await gradcheck(f, { x }, { directions: 3 });
  assert(isRight, summary);
  assertEquals(inputs[0]!.mode, "directional");
  assertLess(inputs[0]!.resolution, 0.01);
  assertLessOrEqual(most / (4 * size), 6);
  assertEquals(tf.memory().numTensors, before.numTensors);
});

testOn(
  "cpu",
  "a tensor under two names has two gradients, and a function may return its input",
  async () => {
    const x = normal([2, 3]);
    const product = await gradcheck(({ a, b }) => tf.mul(a!, b!), { a: x, b: x });
    assert(product.isRight, product.summary);
    const same = await gradcheck(({ x }) => x!, { x });
    assert(same.isRight, same.summary);
    assertEquals(x.isDisposed, false);
  },
);

testOn("cpu", "an input that the tape loses is wrong, and the message says why", async () => {
  const f = ({ x, k }: Record<string, Tensor>) => tf.mul(x!, k!.dataSync()[0]!);
  const { isRight, inputs, summary } = await gradcheck(f, { x: normal([2]), k: tf.tensor1d([3]) });
  assertEquals(isRight, false);
  assertEquals(inputs.map(({ isConnected }) => isConnected), [true, false]);
  assertStringIncludes(summary, "The gradient of k is wrong");
  assertStringIncludes(summary, "no path from the input to the output");
});

testOn("cpu", "a gradient of another shape is refused", async () => {
  const forgetful = tf.customGrad((x, b) => ({
    value: tf.add(x as Tensor, b as Tensor),
    gradFunc: (dy: Tensor) => [dy, dy],
  }));
  const before = tf.memory().numTensors;
  const inputs = { x: normal([2, 3]), b: normal([3]) };
  await assertRejects(
    () => gradcheck(({ x, b }) => forgetful(x!, b!), inputs),
    RangeError,
    "a gradient has shape [2, 3], but its input [3]: sum it",
  );
  assertEquals(tf.memory().numTensors, before + 2);
});

testOn("cpu", "wrong options are refused", async () => {
  const x = tf.tensor1d([1, 2]);
  for (
    const [options, fault] of [
      [{ step: 0 }, "step 0"],
      [{ step: 1e-9 }, "step 1e-9"],
      [{ directions: 0 }, "directions 0"],
      [{ mode: "fast" }, 'no mode "fast": choose one of full, directional'],
      [{ seed: 0.5 }, "seed 0.5"],
    ] as const
  ) {
    await assertRejects(
      () => gradcheck(rightCube, { x }, options as GradcheckOptions),
      RangeError,
      fault,
    );
  }
  const misspelt = { stepp: 0.01 } as GradcheckOptions;
  for (const [owner, check] of Object.entries({ gradcheck, gradgradcheck })) {
    const message = `${owner}() has no option "stepp": it takes mode, step, directions, seed`;
    await assertRejects(() => check(rightCube, { x }, misspelt), TypeError, message);
  }
});

const X = [1, 2];

/** What a call is refused for: fault and remedy. */
const REFUSED: Readonly<Record<string, readonly [unknown, object | null, RegExp]>> = {
  "no inputs": [rightCube, null, /inputs are null: give tensors by name/],
  "a tensor in place of inputs": [rightCube, X, /inputs are an array: give tensors by name/],
  "no function": [3, { x: X }, /a number is not a function/],
  "an array": [rightCube, { x: [X] }, /input x is an array: .* tf\.tensor/],
  "infinite": [rightCube, { x: [1, Infinity] }, /input x holds a number that is not finite/],
  "empty": [rightCube, { x: [] }, /input x is empty, of shape \[0\]/],
  "unused": [
    ({ x }: Record<string, Tensor>) => tf.square(x!),
    { x: X, b: X },
    /does not use input b: leave it out/,
  ],
  "a promise": [
    () => Promise.resolve(0),
    { x: X },
    /returned a promise: use one that is not async/,
  ],
  "nothing": [
    () => {},
    { x: X },
    /must return a tensor, but returned undefined: is there a return/,
  ],
  "a record": [
    () => ({ y: 0 }),
    { x: X },
    /must return a tensor, but returned an object: choose one/,
  ],
  "a number": [() => 3, { x: X }, /must return a tensor, but returned a number: .* dataSync/],
  "whole numbers": [
    ({ x }: Record<string, Tensor>) => tf.argMax(x!),
    { x: X },
    /tensor of int32, which has no gradient: return float32/,
  ],
  "an empty output": [
    ({ x }: Record<string, Tensor>) => tf.slice(x!, 0, 0),
    { x: X },
    /returned an empty tensor of shape \[0\]/,
  ],
  "no finite output": [
    ({ x }: Record<string, Tensor>) => tf.log(tf.neg(x!)),
    { x: X },
    /no element of the output is finite/,
  ],
};

for (const [name, [f, inputs, message]] of Object.entries(REFUSED)) {
  testOn("cpu", `refused: ${name}`, async () => {
    const given = inputs === null || Array.isArray(inputs) ? inputs : Object.fromEntries(
      Object.entries(inputs).map((
        [key, value],
      ) => [key, Array.isArray(value[0]) ? value : tf.tensor1d(value)]),
    );
    const error = await assertRejects(() => gradcheck(f as never, given as never), Error);
    assert(error instanceof TypeError || error instanceof RangeError);
    assertMatch(error.message, message);
  });
}

testOn("cpu", "inputs without a gradient are refused, or named in the summary", async () => {
  const rows = tf.tensor1d([1, 0], "int32");
  const mask = tf.tensor1d([1, 0], "bool");
  await assertRejects(
    () => gradcheck(({ rows }) => tf.square(rows!.toFloat()), { rows, mask }),
    TypeError,
    "no input is float32 (rows is int32, mask is bool), so there is no gradient to check: cast one",
  );
  const f = ({ x, rows }: Record<string, Tensor>) => tf.gather(x!, rows as tf.Tensor1D);
  const { summary } = await gradcheck(f, { x: normal([2, 3]), rows });
  assertStringIncludes(summary, "rows is int32, which has no gradient: not checked");
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
