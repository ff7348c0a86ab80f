/**
 * Norms of data with more axes than the operations of some backends take.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { CaseOptions } from "../fixtures/cases/row.ts";
import { normal } from "../fixtures/distribution.ts";
import { testOnEveryBackend } from "../harness/backend/backends_testing.ts";
import { ownImplementations, runCase } from "../harness/parity/run_case.ts";
import { permute } from "./basics/view.ts";
import { populationStatistics } from "./basics/population_statistics.ts";
import { normByName } from "./registry.ts";
import { range, type Shape } from "./basics/shape.ts";
import { normalTensor, valuesOf } from "./basics/tensors_testing.ts";
import * as tf from "./basics/tf.ts";
import { dataDependentInitialization } from "./basics/reparameterization.ts";
import { weightNormalization } from "./weight_norm.ts";

/** Tiny data of rank 6, 7 and 8. */
const SHAPES: readonly Shape[] = [
  [2, 3, 2, 3, 2, 4],
  [2, 3, 2, 4, 2, 3, 2],
  [2, 3, 2, 1, 2, 4, 2, 3],
];

const OPTIONS: Readonly<Record<string, readonly CaseOptions[]>> = {
  batch: [
    { training: true },
    { training: true, axis: 3, scale: false },
    { training: false, axis: 1 },
  ],
  layer: [
    {},
    { axis: [1, 3, 5] },
    { axis: [0, 2, 4], scale: false },
    { axis: [5, 4, 3, 2, 1] },
    { axis: [-1, 1], scale: false, center: false },
  ],
  group: [{ groups: 1 }, { groups: 3, axis: 1 }, { groups: 1, axis: 2, center: false }],
  instance: [{}, { axis: 1 }, { axis: 3 }],
  rms: [{}, { axis: [5, 1, 3] }, { axis: [0, 2, 4] }],
};

for (const [name, variants] of Object.entries(OPTIONS)) {
  const norm = normByName(name);
  for (const shape of SHAPES) {
    testOnEveryBackend(`${name} norm of rank ${shape.length} is within budget`, async (backend) => {
      const { subjects: { layer, ...functions }, backendSubjects } = ownImplementations(norm);
      for (const options of variants) {
        const about = `${name} [${shape}] ${JSON.stringify(options)}`;
        const records = await runCase(
          {
            norm,
            parityCase: { id: about, about, shape, options, input: normal(30, 2) },
            subjects: {
              ...functions,
              ...backendSubjects?.(),
              // A layer has no weights along the batch.
              ...([options["axis"]].flat()[0] !== 0 && { layer: layer! }),
            },
            references: {},
          },
          [backend],
          0,
        );
        const wrong = records.filter(({ ratio }) => !(ratio <= 1));
        assertEquals(wrong.map((record) => [record.contender, record.ratio]), [], about);
      }
    });
  }
}

testOnEveryBackend("axes are permuted at any rank, and back in the gradient", async () => {
  const shape = [2, 3, 1, 2, 4, 2, 3, 2];
  const order = [6, 1, 7, 3, 0, 5, 2, 4];
  const element = tf.tensor(Float32Array.from(range(576)), shape);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const lengths = order.map((axis) => shape[axis]!);
  const expected = range(576).map((i) => {
    let [rest, source] = [i, 0];
    for (const axis of range(8).reverse()) {
      source += (rest % lengths[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / lengths[axis]!);
    }
    return source;
  });
  const permuted = permute(element, order);
  assertEquals(permuted.shape, lengths);
  const gradient = tf.grad((x: tf.Tensor) => permute(x, order))(element, permuted);
  assertEquals(gradient.shape, shape);
  assertEquals(await valuesOf(permuted, gradient), [expected, range(576)]);
});

testOnEveryBackend("kernels of rank 8 are normalized like those of rank 2", async () => {
  const v = normalTensor([2, 1, 3, 2, 2, 1, 2, 5], "v");
  const g = normalTensor([5], "g");
  const flat = tf.reshape(v, [-1, 5]);
  for (const implementation of ["composed", "analytic"]) {
    const ofRank = (v: tf.Tensor) => [
      weightNormalization(v, g, { implementation }),
      ...tf.grads((v: tf.Tensor, g: tf.Tensor) =>
        tf.square(tf.reshape(weightNormalization(v, g, { implementation }), [-1]))
      )([v, g]),
    ];
    assertEquals(await valuesOf(...ofRank(v)), await valuesOf(...ofRank(flat)));
  }
});

testOnEveryBackend("statistics of batches of rank 8 are those of rank 2", async () => {
  const batch = normalTensor([2, 1, 3, 2, 2, 1, 2, 5], "batch");
  const statistics = (x: tf.Tensor) => [
    ...Object.values(populationStatistics([x])),
    ...Object.values(dataDependentInitialization(x)),
  ];
  assertEquals(
    await valuesOf(...statistics(batch)),
    await valuesOf(...statistics(tf.reshape(batch, [-1, 5]))),
  );
});
