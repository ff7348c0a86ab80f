/**
 * Own kernels on shapes that end in the middle of a vector, a workgroup or a tile.
 *
 * @module
 */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import { normal } from "../../fixtures/distribution.ts";
import { runCase } from "../../harness/parity/run_case.ts";
import type { BackendName } from "../../harness/backend/registry.ts";
import { implementationOf } from "../frames/apply.ts";
import type { Norm } from "../basics/norm.ts";
import type { NormOptions } from "../basics/options.ts";
import { normByName } from "../registry.ts";
import { functionSubject, type Subject } from "../basics/subject.ts";
import type { Shape } from "../basics/shape.ts";
import * as tf from "../basics/tf.ts";
import { testOnEveryKernels } from "./fused_testing.ts";

const TRAINING = { training: true };

const SHAPES: readonly (readonly [norm: string, shape: Shape, options?: object])[] = [
  // Rows: one, many, shorter and longer than vectors and teams of threads.
  ["layer", [1, 1]],
  ["layer", [67, 2]],
  ["layer", [3, 37]],
  ["layer", [2, 4099]],
  ["layer", [5, 300], { scale: false }],
  ["layer", [1031, 3]],
  ["layer", [4, 7, 3], { axis: 0 }],
  ["layer", [3, 2, 5, 3], { axis: [3, 1] }],
  ["rms", [5, 301]],
  ["rms", [9, 33], { scale: false }],
  ["rms", [523, 35]],
  // Columns: fewer and more than a tile has, rows for one chunk and for several.
  ["batch", [1, 3], TRAINING],
  ["batch", [4201, 1], TRAINING],
  ["batch", [1049, 3], TRAINING],
  ["batch", [5, 77], TRAINING],
  ["batch", [3, 5, 7, 37], { ...TRAINING, scale: false, center: false }],
  ["batch", [5, 77], { training: false }],
  ["batch", [3, 5, 7, 3], { training: false, axis: 1 }],
  // Channels first: runs, of a parameter each.
  ["batch", [3, 5, 7, 11], { ...TRAINING, axis: 1 }],
  ["instance", [2, 3, 5, 7], { axis: 1 }],
  ["instance", [1, 2, 9001], { axis: 1 }],
  ["instance", [2, 13, 5]],
  // Several parameters a group: short and long runs, positions after them or before.
  ["group", [7, 12], { groups: 3 }],
  ["group", [2, 3, 5, 12], { groups: 4 }],
  ["group", [2, 9, 70], { groups: 2 }],
  ["group", [2, 12, 3, 5], { groups: 4, axis: 1 }],
  ["weight", [3, 13], { units: 5 }],
  ["weight", [2, 5, 4, 3], { units: 33, kernelSize: [3, 2] }],
];

/** The implementation of that name on the backend that is active when it runs. */
function subjectOf(norm: Norm, name: string): Subject {
  const subject = () => functionSubject(implementationOf(norm, name));
  return {
    forward: (...given) => subject().forward(...given),
    gradients: (...given) => subject().gradients(...given),
  };
}

for (const [name, shape, options = {}] of SHAPES) {
  const norm = normByName(name);
  const title = `fused ${name} norm of [${shape.join(", ")}] ${JSON.stringify(options)}`;

  testOnEveryKernels(`${title} is within budget`, async (backend) => {
    const trial = {
      norm,
      parityCase: {
        id: title,
        about: "an odd shape",
        shape,
        options: options as NormOptions,
        input: normal(30, 2),
      },
      subjects: { fused: subjectOf(norm, "fused") },
      references: {},
    };
    const [record] = await runCase(trial, [backend as BackendName], 0);
    assertLessOrEqual(record!.ratio, 1, JSON.stringify(record!.quantities));
  });
}

testOnEveryKernels("kernels free all memory but their outputs", () => {
  const norm = normByName("batch");
  const inputs = Object.fromEntries(
    norm.inputs([50, 3, 5], TRAINING).map(({ name, shape }) => [name, tf.ones([...shape])]),
  );
  const subject = subjectOf(norm, "fused");
  const dataIds = () => tf.engine().backend.numDataIds();
  const before = dataIds();
  tf.tidy(() => {
    const dy = tf.ones([50, 3, 5]);
    subject.forward(inputs, TRAINING);
    subject.gradients(inputs, TRAINING, dy, ["x", "gamma", "beta"]);
  });
  assertEquals(dataIds(), before);
});
