import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { useBackend } from "../harness/backend/active_backend.ts";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { read, wavesOf } from "../norms/layers/layers_testing.ts";
import * as tf from "../norms/basics/tf.ts";
import { runRaw } from "../norms/fused/tensorflow/raw_operations.ts";
import { batchNormalization } from "../norms/batch_norm.ts";
import { layerNorm } from "../norms/layer_norm.ts";
import { compile, type CompiledStep, type Engine } from "./compile.ts";
import { testOnGraphs } from "./graph/graphs_testing.ts";
import { NativeAdam } from "./native_adam.ts";

const RECORDED = 3;

/** The value of a scalar, which is disposed of. */
async function take(scalar: tf.Tensor): Promise<number> {
  const [value] = await scalar.data();
  scalar.dispose();
  return value!;
}

/** Calls a step until it runs as a graph. */
function record<A extends readonly tf.Tensor[]>(
  step: CompiledStep<A, unknown>,
  ...inputs: A
): void {
  for (let i = 0; i < RECORDED; i++) tf.dispose(step(...inputs) as tf.TensorContainer);
  assertEquals(step.graphs > 0, true, "it has been recorded");
}

testOnEveryBackend("a compiled step does what the step does", async () => {
  const train = async (make: (step: () => tf.Scalar) => () => tf.Scalar) => {
    const weights = tf.variable(wavesOf([4, 1], 1));
    const optimizer = tf.train.adam(0.1);
    const [x, y] = [wavesOf([8, 4], 2) as tf.Tensor2D, wavesOf([8, 1], 3)];
    const step = make(() => {
      const loss = () => tf.losses.meanSquaredError(y, tf.matMul(x, weights as tf.Tensor2D));
      return optimizer.minimize(loss as () => tf.Scalar, true, [weights])!;
    });
    const losses: number[] = [];
    for (let i = 0; i < 8; i++) losses.push(await take(step()));
    return { losses, weights: (await read([weights]))[0]! };
  };
  const eager = await train((step) => step);
  const compiled = await train((step) => compile(step));
  assertEquals(compiled, eager);
});

testOnEveryBackend("it says how it runs, and why not as a graph", (backend) => {
  const step = compile((x: tf.Tensor) => tf.neg(x));
  if (backend !== "tensorflow") assertEquals(step.reason, `${tf.getBackend()} has no graphs`);
  assertEquals(step.mode, step.reason === undefined ? "graph" : "eager");
  const asked = compile((x: tf.Tensor) => tf.neg(x), { engine: "eager" });
  assertEquals([asked.mode, asked.reason], ["eager", undefined]);
});

testOnGraphs("XLA runs a step if asked, and what it cannot compile runs as a graph", async () => {
  const train = (engine: Engine, norm: (x: tf.Tensor) => tf.Tensor) => {
    const w = tf.variable(wavesOf([4, 4], 1) as tf.Tensor2D);
    const step = compile((x: tf.Tensor) => {
      const { value, grads } = tf.variableGrads(() => tf.sum(norm(tf.matMul(x, w))), [w]);
      w.assign(tf.sub(w, tf.mul(grads[w.name]!, 0.1)));
      return value;
    }, { engine });
    for (let i = 0; i < 5; i++) tf.dispose(step(wavesOf([8, 4], i)));
    return { step, w };
  };
  const composed = (x: tf.Tensor) => tf.tanh(tf.div(x, tf.norm(x)));
  const fused = (x: tf.Tensor) =>
    tf.square(layerNorm.fused!.tensorflow!({ x }, { scale: false, center: false })["y"]!);
  const [graph, xla, refused] = [
    train("graph", composed),
    train("xla", composed),
    train("xla", fused),
  ];
  assertEquals([graph.step.mode, xla.step.mode, refused.step.mode], ["graph", "xla", "graph"]);
  assertStringIncludes(refused.step.reason!, "XLA cannot compile NormbenchRows at ");
  const [expected, got] = await read([graph.w, xla.w]);
  got!.forEach((value, i) => assertAlmostEquals(value, expected![i]!, 1e-6));
  const eager = train("eager", fused);
  assertEquals(await read([refused.w]), await read([eager.w]));
});

testOnGraphs("the fastest is chosen by measurement, and every call counts once", async () => {
  const w = tf.variable(tf.scalar(0));
  const step = compile((x: tf.Tensor) => w.assign(tf.add(w, tf.sum(x))), { engine: "fastest" });
  const [short, long] = [tf.ones([2]), tf.ones([5])];
  const modes = Array.from({ length: 40 }, (_, i) => {
    step(i % 3 === 0 ? long : short);
    return step.mode;
  });
  const { graph, xla } = step.times!;
  assertEquals(modes[10], "graph", "it is still measured");
  assertEquals(modes.slice(-5), Array(5).fill(xla < graph ? "xla" : "graph"));
  assertEquals(step.reason, undefined);
  assertEquals(await take(w), 14 * 5 + 26 * 2);
});

testOnGraphs("numbers are arguments and may change", async () => {
  const w = tf.variable(tf.scalar(0));
  const step = compile((rate: tf.Tensor) => {
    w.assign(tf.add(w, rate));
    return tf.mul(w, 2);
  });
  const results: number[] = [];
  for (const rate of [1, 10, 100, 1000, 10_000]) results.push(await take(step(rate)));
  assertEquals(results, [2, 22, 222, 2222, 22_222]);
  assertEquals(step.graphs, 1);
});

testOnGraphs("another shape is recorded again, and works on the same variables", async () => {
  const sum = tf.variable(tf.scalar(0));
  const step = compile((x: tf.Tensor) => sum.assign(tf.add(sum, tf.sum(x))));
  const [short, long] = [tf.ones([2]), tf.ones([5])];
  for (const x of [short, short, short, long, long, long, short, long]) step(x);
  assertEquals(step.graphs, 2);
  assertEquals(await take(sum), 4 * 2 + 4 * 5);
});

testOnGraphs("many shapes hold a bounded number of graphs", async () => {
  const step = compile((x: tf.Tensor) => tf.sum(x));
  for (let size = 1; size <= 40; size++) {
    const x = tf.ones([size]);
    for (let i = 0; i < 3; i++) assertEquals(await take(step(x)), size);
  }
  assertEquals(step.graphs, 16);
});

testOnGraphs("a norm that looks at its running variance is recorded, without a look", async () => {
  const x = wavesOf([8, 3], 1);
  const variance = tf.ones([3]);
  const step = compile((x: tf.Tensor, movingVariance: tf.Tensor) =>
    batchNormalization(x, { movingVariance: tf.add(movingVariance, 1) }).y
  );
  record(step, x, variance);
  const expected = batchNormalization(x, { movingVariance: tf.fill([3], 2) }).y;
  assertEquals(await read([step(x, variance)]), await read([expected]));
});

testOnGraphs("a variable is read and assigned between calls like any other", async () => {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const step = compile(() => w.assign(tf.mul(w, 2)));
  const values: number[][] = [];
  for (let i = 0; i < 4; i++) step();
  values.push(await w.array());
  const kept = w.clone();
  step();
  values.push(await w.array(), await kept.array());
  w.assign(tf.tensor1d([5, 7]));
  step();
  step();
  const unread = w.clone();
  step();
  values.push(await w.array(), await unread.array(), await tf.add(w, 1).array() as number[]);
  assertEquals(values, [[16, 32], [32, 64], [16, 32], [40, 56], [20, 28], [41, 57]]);
});

testOnGraphs("variables that share a tensor are kept apart, and so are arguments", async () => {
  const zeros = tf.zeros([2]);
  const [a, b] = [tf.variable(zeros), tf.variable(zeros)];
  const step = compile((x: tf.Tensor, y: tf.Tensor) => {
    a.assign(tf.add(a, x));
    b.assign(tf.add(b, tf.add(y, zeros)));
  });
  const [one, two] = [tf.ones([2]), tf.fill([2], 2)];
  record(step, one, one);
  step(one, two);
  assertEquals([await a.array(), await b.array()], [[4, 4], [5, 5]]);
});

testOnGraphs("variables may swap values, and results may be arguments or old values", async () => {
  const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
  const step = compile((x: tf.Tensor) => {
    const [former, other] = [a.clone(), b.clone()];
    a.assign(other);
    b.assign(former);
    return { x, nested: [former, null, { other }], three: tf.scalar(3) };
  });
  record(step, tf.scalar(9));
  const { x, nested: [former, nothing, last], three } = step(tf.scalar(7));
  const { other } = last as { other: tf.Scalar };
  assertEquals(nothing, null);
  const got = await Promise.all([x, former as tf.Tensor, other, three, a, b].map((t) => t.array()));
  assertEquals(got, [7, 2, 1, 3, 1, 2]);
});

testOnGraphs("two steps share a variable", async () => {
  const w = tf.variable(tf.scalar(1));
  const [add, double] = [
    compile(() => w.assign(tf.add(w, 1))),
    compile(() => w.assign(tf.mul(w, 2))),
  ];
  for (let i = 0; i < 5; i++) {
    add();
    double();
  }
  assertEquals(await take(w.clone()), 94);
  add.dispose();
  double();
  assertEquals(await take(w), 188);
});

testOnGraphs("a step within a step is part of it", async () => {
  const w = tf.variable(tf.scalar(0));
  const inner = compile((x: tf.Tensor) => w.assign(tf.add(w, x)));
  const outer = compile((x: tf.Tensor) => {
    inner(x);
    inner(2);
  });
  for (let i = 0; i < 5; i++) outer(tf.scalar(1));
  assertEquals([outer.graphs, inner.graphs], [1, 0]);
  assertEquals(await take(w), 15);
});

testOnGraphs("1000 steps leave nothing behind, and dispose the rest", () => {
  const backend = tf.backend() as unknown as { getNumOfTFTensors(): number };
  const before = [tf.memory().numTensors, backend.getNumOfTFTensors()];
  const w = tf.tidy(() => tf.variable(tf.ones([3])));
  const [x, y] = [tf.ones([3]), tf.ones([2, 3])];
  const step = compile((x: tf.Tensor, rate: tf.Tensor) => {
    w.assign(tf.sub(w, tf.mul(tf.mean(tf.mul(w, x)), rate)));
    return { w: w.clone(), loss: tf.sum(w) };
  });
  const call = (i: number) => {
    const result = step(i % 2 === 0 ? x : y, 0.01);
    if (i % 5 === 0) w.dataSync();
    tf.dispose(result);
  };
  for (let i = 0; i < 10; i++) call(i);
  const during = [tf.memory().numTensors, backend.getNumOfTFTensors()];
  for (let i = 10; i < 1010; i++) call(i);
  assertEquals([tf.memory().numTensors, backend.getNumOfTFTensors()], during);
  step.dispose();
  assertEquals(step.graphs, 0);
  tf.dispose([w, x, y]);
  assertEquals([tf.memory().numTensors, backend.getNumOfTFTensors()], before);
});

testOnGraphs(
  "after dispose variables have their values, and the step is recorded anew",
  async () => {
    const w = tf.variable(tf.scalar(1));
    const step = compile(() => w.assign(tf.mul(w, 2)));
    for (let i = 0; i < 4; i++) step();
    step.dispose();
    assertEquals(await take(w.clone()), 16);
    for (let i = 0; i < 4; i++) step();
    assertEquals([step.graphs, await take(w)], [1, 256]);
  },
);

Deno.test("an option or an engine that does not exist is refused", () => {
  const compileWith = (options: object) => () => compile(() => {}, options);
  assertThrows(
    compileWith({ engine: "xlaa" }),
    RangeError,
    'no engine "xlaa": choose one of eager, graph, xla, fastest',
  );
  assertThrows(compileWith({ engin: "xla" }), TypeError, 'compile() has no option "engin"');
});

/** The message with which a step is refused within a few calls. */
function refusal(step: () => unknown): string {
  const compiled = compile(step as () => void);
  return assertThrows(() => {
    for (let i = 0; i < 4; i++) compiled();
  }, Error).message;
}

testOnGraphs("what cannot be recorded is refused, with the line and the remedy", () => {
  const w = tf.variable(tf.scalar(1));
  let count = 0;
  let last = tf.keep(tf.scalar(0));
  const cases: readonly [string, string, () => unknown][] = [
    ["reads values", "return the tensor and read it outside", () => tf.add(w, 1).dataSync()],
    ["a number", "returns tensors", () => 7],
    ["a variable", "returns tensors", () => w],
    ["a promise", "is synchronous", () => Promise.resolve()],
    ["2, then 3", "given as arguments", () => tf.mul(w, ++count)],
    ["Mul", "given as arguments", () => tf.mul(w, tf.randomUniform([2]))],
    ["Multinomial", "random numbers", () => tf.multinomial(tf.ones([2]) as tf.Tensor1D, 1, 1)],
    ["ran Neg, then Abs", "must not depend", () => ++count % 2 === 0 ? tf.neg(w) : tf.abs(w)],
    ["another tensor from outside", "tf.variable", () => {
      last = tf.keep(tf.add(last, w)) as tf.Scalar;
      return last;
    }],
    ["keeps what Add", "tf.variable", () => void tf.keep(tf.add(w, 1))],
    ["makes or disposes of variables", "keep them", () => void tf.variable(tf.scalar(1))],
  ];
  for (const [fault, remedy, step] of cases) {
    count = 0;
    const message = refusal(step);
    assertStringIncludes(message, fault);
    assertStringIncludes(message, remedy);
  }
  assertStringIncludes(refusal(() => tf.add(w, 1).print()), "compile_test.ts:");
  // What was refused leaves the backend as it was.
  assertEquals(tf.add(w, 1).dataSync()[0], 2);
});

testOnGraphs("an operation that fails in a graph is named, with its line", async () => {
  const w = tf.variable(tf.tensor1d([1, 2, 3]));
  const step = compile((at: tf.Tensor) => {
    const chosen = tf.gather(w, at as tf.Tensor1D);
    w.assign(tf.add(w, tf.sum(chosen)));
    return chosen;
  });
  const [inside, outside] = [tf.tensor1d([0, 2], "int32"), tf.tensor1d([0, 5], "int32")];
  record(step, inside);
  const before = await w.array();
  const { message } = assertThrows(() => step(outside), Error);
  assertStringIncludes(message, "GatherV2 at ");
  assertStringIncludes(message, "compile_test.ts:");
  assertStringIncludes(message, "5 is not in [0, 3)");
  assertEquals(await w.array(), before);
  tf.dispose(step(inside));
  assert((await w.array())[0]! > before[0]!);
});

testOnGraphs("what is disposed of is missed by name", () => {
  const [w, outside] = [tf.variable(tf.scalar(1), true, "w of the test"), tf.tensor1d([1, 2])];
  // Given to TensorFlow, so that it is no number of the program any more.
  tf.dispose(tf.neg(outside));
  const step = compile(() => tf.mul(w, outside));
  record(step);
  outside.dispose();
  assertStringIncludes(assertThrows(() => step(), Error).message, "a tensor from outside");
  w.dispose();
  step.dispose();
  const other = tf.variable(tf.scalar(1), true, "another of the test");
  const uses = compile(() => other.assign(tf.neg(other)));
  record(uses);
  other.dispose();
  assertStringIncludes(assertThrows(() => uses(), Error).message, "another of the test");
});

testOnGraphs("a step of very many operations runs eagerly, and says so", async () => {
  const w = tf.variable(tf.scalar(0));
  using step = compile(() => {
    for (let i = 0; i < 10_001; i++) tf.neg(w);
    w.assign(tf.add(w, 1));
  });
  for (let i = 0; i < 4; i++) step();
  assertEquals([step.mode, step.graphs], ["eager", 0]);
  assertStringIncludes(step.reason!, "more than 10000 operations");
  assertEquals(await take(w), 4);
});

testOnGraphs("results have no gradient, and say so", () => {
  using step = compile((x: tf.Tensor) => tf.square(x));
  const gradient = tf.grad((x: tf.Tensor) => step(x));
  assertStringIncludes(assertThrows(() => gradient(tf.scalar(3)), Error).message, "in the step");
});

testOnGraphs("a step belongs to the backend that it was compiled for", async () => {
  const w = tf.variable(tf.scalar(1));
  const step = compile(() => w.assign(tf.mul(w, 2)));
  for (let i = 0; i < 4; i++) step();
  await useBackend("cpu");
  assertStringIncludes(assertThrows(() => step(), Error).message, "compiled for tensorflow");
  assertEquals(await take(tf.add(w, 1)), 17);
  w.assign(tf.scalar(3));
  await useBackend("tensorflow");
  step();
  assertEquals(await take(w), 6);
});

testOnGraphs(
  "a bias gradient beside that of a convolution has the bits of the eager step",
  async () => {
    const [x, w, dy] = [
      wavesOf([6, 8, 8, 4], 1),
      wavesOf([3, 3, 4, 8], 2),
      wavesOf([6, 8, 8, 8], 3),
    ] as tf.Tensor4D[];
    const run = async (engine: Engine) => {
      using step = compile((dy: tf.Tensor) => {
        const upstream = tf.mul(dy, 2);
        const [kernel] = tf.grads((w: tf.Tensor) => tf.conv2d(x!, w as tf.Tensor4D, 1, "same"))(
          [w!],
          upstream,
        );
        return [kernel!, runRaw("BiasAddGrad", {}, [upstream], 1)[0]!];
      }, { engine });
      for (let i = 0; i < RECORDED; i++) tf.dispose(step(dy!));
      return await read(step(dy!));
    };
    assertEquals(await run("graph"), await run("eager"));
  },
);

testOnGraphs(
  "an optimizer's kernel works on the variable itself, and former values stay",
  async () => {
    const train = async (engine: Engine, usesNew: boolean) => {
      const w = tf.variable(wavesOf([3, 2], 1));
      const optimizer = new NativeAdam(0.1, [w]);
      const step = compile((gradient: tf.Tensor, ...numbers: tf.Tensor[]) => {
        optimizer.update([gradient], numbers);
        return usesNew ? tf.mul(w, 2) : undefined;
      }, { engine });
      const old = compile((gradient: tf.Tensor, ...numbers: tf.Tensor[]) => {
        const before = w.clone();
        optimizer.update([tf.mul(gradient, before)], numbers);
        return { before, squares: tf.square(before) };
      }, { engine });
      const results: tf.Tensor[] = [];
      for (let i = 0; i < 5; i++) {
        const gradient = wavesOf([3, 2], i);
        const doubled = step(gradient, ...optimizer.next());
        if (doubled !== undefined) results.push(doubled);
        results.push(w.clone());
        const { before, squares } = old(gradient, ...optimizer.next());
        results.push(before, squares);
      }
      const values = await read([...results, w]);
      [step, old, optimizer].forEach((each) => each.dispose());
      return values;
    };
    for (const usesNew of [false, true]) {
      assertEquals(await train("graph", usesNew), await train("eager", usesNew));
    }
  },
);
