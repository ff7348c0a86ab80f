import { assertEquals, assertGreater } from "@std/assert";
import * as tf from "../../../norms/basics/tf.ts";
import { useBackend } from "../active_backend.ts";
import type { KernelArguments } from "./kernel.ts";
import { transposeFirst } from "./mat_mul.ts";
import { KERNEL_REPAIRS } from "./repairs.ts";
import { assertNoLeak, assertSums, Sum, waves } from "../kernels_testing.ts";

/** Outer shape, rows of the product, inner size, columns of the product. */
type Sizes = [outer: number[], m: number, k: number, n: number];

const SIZES: Sizes[] = [
  [[], 3, 5, 2],
  [[], 1, 7, 1],
  [[], 4, 1, 3],
  [[], 1, 1, 1],
  [[], 33, 65, 17],
  [[1], 3, 4, 5],
  [[1, 1], 3, 4, 5],
  [[3], 4, 5, 2],
  [[2, 3], 2, 3, 4],
];
const TRANSPOSES = [[false, false], [true, false], [false, true], [true, true]] as const;

interface Product {
  sizes: Sizes;
  transposeA: boolean;
  transposeB: boolean;
}

const PRODUCTS: Product[] = SIZES.flatMap((sizes) =>
  TRANSPOSES.map(([transposeA, transposeB]) => ({ sizes, transposeA, transposeB }))
);

function operands({ sizes: [outer, m, k, n], transposeA, transposeB }: Product) {
  const count = tf.util.sizeFromShape(outer);
  const a = waves(count * m * k);
  const b = waves(count * k * n, 2);
  return {
    a,
    b,
    aShape: [...outer, ...(transposeA ? [k, m] : [m, k])],
    bShape: [...outer, ...(transposeB ? [n, k] : [k, n])],
  };
}

function expectedProduct(product: Product): Sum[] {
  const { sizes: [outer, m, k, n], transposeA, transposeB } = product;
  const { a, b } = operands(product);
  const sums: Sum[] = [];
  for (let batch = 0; batch < tf.util.sizeFromShape(outer); batch++) {
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        const sum = new Sum();
        for (let i = 0; i < k; i++) {
          const aValue = a[batch * m * k + (transposeA ? i * m + row : row * k + i)]!;
          const bValue = b[batch * k * n + (transposeB ? column * k + i : i * n + column)]!;
          sum.add(aValue * bValue);
        }
        sums.push(sum);
      }
    }
  }
  return sums;
}

/** The product; with a bias, by the fused kernel and with relu. */
function multiply(product: Product, bias?: Float32Array): Float32Array {
  const { transposeA, transposeB } = product;
  const { aShape, bShape, ...values } = operands(product);
  return tf.tidy(() => {
    const [a, b] = [tf.tensor(values.a, aShape), tf.tensor(values.b, bShape)];
    const options = { a, b, transposeA, transposeB };
    const y = bias === undefined
      ? tf.matMul(a, b, transposeA, transposeB)
      : tf.fused.matMul({ ...options, bias: tf.tensor1d(bias), activation: "relu" });
    return y.dataSync<"float32">();
  });
}

for (const product of PRODUCTS) {
  const name = JSON.stringify(Object.values(product));
  Deno.test(`BatchMatMul on wasm equals the definition: ${name}`, async () => {
    await useBackend("wasm");
    assertSums(multiply(product), expectedProduct(product));
  });

  Deno.test(`_FusedMatMul on wasm adds the bias and applies relu: ${name}`, async () => {
    await useBackend("wasm");
    const [, , , n] = product.sizes;
    const bias = waves(n, 5);
    const expected = expectedProduct(product);
    expected.forEach((sum, i) => sum.add(bias[i % n]!));
    for (const sum of expected) sum.value = Math.max(0, sum.value);
    assertSums(multiply(product, bias), expected);
  });
}

Deno.test("_FusedMatMul on wasm spreads a bias of one element over a batch", async () => {
  await useBackend("wasm");
  const y = tf.tidy(() =>
    tf.fused.matMul({ a: tf.zeros([2, 3, 4]), b: tf.zeros([2, 4, 5]), bias: tf.tensor1d([7]) })
      .dataSync()
  );
  assertEquals(Array.from(y), Array(2 * 3 * 5).fill(7));
});

Deno.test("the stock _FusedMatMul adds the last bias of all from the second row on", async () => {
  const bias = [1, 2];
  const sum = (outer: number, transposeB: boolean) =>
    tf.tidy(() =>
      tf.fused.matMul({
        a: tf.zeros([outer, 2, 2]),
        b: tf.zeros([outer, 2, 2]),
        transposeB,
        bias: tf.tensor1d(bias),
      }).dataSync()
    );
  await useBackend("wasm-stock");
  assertEquals(Array.from(sum(1, false)), [1, 2, 1, 2]);
  assertEquals(Array.from(sum(1, true)), [1, 2, 2, 2]);
  assertEquals(Array.from(sum(2, false)), [1, 2, 2, 2, 1, 2, 2, 2]);
});

Deno.test("a transposed product no longer takes several times a plain one", async () => {
  const size = 128;
  await useBackend("wasm");
  const [a, b] = [tf.ones([size, size]), tf.ones([size, size])];
  const transposed = () => tf.matMul(a, b, true, true).dispose();
  const repaired = fastest(transposed);
  await useBackend("wasm-stock");
  const stock = fastest(transposed);
  tf.dispose([a, b]);
  assertGreater(stock / repaired, 2, "ratio of the stock kernel's time to the repaired one's");
});

/** Least milliseconds over a few calls: the least disturbed by other work. */
function fastest(work: () => void): number {
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

Deno.test("transposed products on wasm never reach the stock kernel as such", async () => {
  await useBackend("wasm");
  const stock = KERNEL_REPAIRS.find(({ kernelName }) => kernelName === tf.BatchMatMul)!.stock!;
  const seen: unknown[] = [];
  const spied = transposeFirst((args: KernelArguments) => {
    seen.push([args.attrs!.transposeA, args.attrs!.transposeB]);
    return stock(args);
  });
  const x = tf.ones([2, 2]);
  const backend = tf.engine().backend;
  const attrs = { transposeA: true, transposeB: true };
  const product = spied({ inputs: { a: x, b: x }, backend, attrs }) as tf.TensorInfo;
  backend.disposeData(product.dataId);
  x.dispose();
  assertEquals(seen, [[false, false]]);
});

Deno.test("products on wasm leak nothing", async () => {
  await useBackend("wasm");
  for (const product of PRODUCTS) {
    assertNoLeak(() => multiply(product));
    assertNoLeak(() => multiply(product, waves(product.sizes[3])));
  }
});
