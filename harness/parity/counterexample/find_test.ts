import { assert, assertEquals } from "@std/assert";
import { parityCases } from "../../../fixtures/parity_cases.ts";
import type { Tensor, Tensors } from "../../../norms/basics/tensor.ts";
import * as tf from "../../../norms/basics/tf.ts";
import { normByName } from "../../../norms/registry.ts";
import { subjectOf } from "../custom_norm.ts";
import type { ParityRecord } from "../record.ts";
import { runCase } from "../run_case.ts";
import { headline } from "./diagnosis.ts";
import { findCounterexamples } from "./find.ts";
import type { Counterexample } from "./record.ts";

interface Options {
  readonly axis?: number;
  readonly epsilon?: number;
  readonly momentum?: number;
  readonly training?: boolean;
}

/** Batch norm without a gradient through the variance; it does not know `unbiasedVariance`. */
function batchNorm({ x, gamma, beta, movingMean, movingVariance }: Tensors, options: Options) {
  const { axis = -1, epsilon = 1e-3, momentum = 0.99, training = false } = options;
  const kept = (axis + x!.rank) % x!.rank;
  const others = x!.shape.map((_, i) => i).filter((i) => i !== kept);
  const shape = x!.shape.map((length, i) => i === kept ? length : 1);
  const stopped = tf.customGrad((value) => ({
    value: tf.clone(value as Tensor),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }));
  const batch = tf.moments(x!, others);
  const mean = training ? batch.mean : movingMean!;
  const variance = training ? stopped(batch.variance) : movingVariance!;
  const wide = (tensor: Tensor) => tf.reshape(tensor, shape);
  const centred = tf.sub(x!, wide(mean));
  const y = tf.add(
    tf.mul(tf.div(centred, tf.sqrt(tf.add(wide(variance), epsilon))), wide(gamma!)),
    wide(beta!),
  );
  const follow = (moving: Tensor, value: Tensor) =>
    tf.add(tf.mul(moving, momentum), tf.mul(value, 1 - momentum));
  if (!training) return { y };
  return {
    y,
    movingMean: follow(movingMean!, batch.mean),
    movingVariance: follow(movingVariance!, batch.variance),
  };
}

/** The plans of cases, and what the norm answers to them. */
async function checked(ids: readonly string[]) {
  const norm = normByName("batch");
  const subjects = { mine: subjectOf(batchNorm as never, {}) };
  const plans = parityCases("batch", "quick").filter(({ id }) => ids.includes(id)).map((
    parityCase,
  ) => ({ norm, parityCase, subjects, references: {} }));
  assertEquals(plans.length, ids.length);
  const records: ParityRecord[] = [];
  for (const plan of plans) records.push(...await runCase(plan, ["cpu"], 0));
  return { plans, records };
}

Deno.test("each cause has its counterexample, first the one that fails in most cases", async () => {
  const { plans, records } = await checked([
    "batch/unbiased-variance",
    "batch/dense",
    "batch/channels-first",
    "batch/momentum-0.9",
    "batch/predict",
  ]);
  const found: Counterexample[] = await Array.fromAsync(findCounterexamples(plans, records));
  assertEquals(found.map(({ quantity }) => quantity), ["dx", "movingVariance"]);
  const [gradient, state] = found.map(({ diagnosis }) => diagnosis!);
  assert(headline(gradient!).includes("no gradient through the variance"), headline(gradient!));
  assertEquals(found[0]!.options, { training: true });
  assertEquals(headline(state!), "answers as if unbiasedVariance were not given");
  // A run that goes on looks for what is not told yet.
  const rest = await Array.fromAsync(findCounterexamples(plans, records, found.slice(0, 1)));
  assertEquals(rest, found.slice(1));
  assertEquals(await Array.fromAsync(findCounterexamples(plans, records, found)), []);
});
