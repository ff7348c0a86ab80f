/**
 * Normbench: is a normalization layer on TensorFlow.js right, is it fast, does it help?
 *
 * - The norms, as functions ({@linkcode batchNormalization} …) and as `tf.layers` layers
 *   ({@linkcode BatchNormalization} …), each from basic operations and with a gradient by hand.
 * - {@linkcode parity} holds a norm of your own against `tf.layers` and a float64 oracle;
 *   {@linkcode gradcheck} compares any gradient with differences, {@linkcode gradgradcheck} its derivative;
 *   {@linkcode microscope} shows after which of its steps digits are lost.
 * - {@linkcode train} trains a network of your own description with a norm, or without.
 * - {@linkcode renderReport} makes a report of the records.
 *
 * It runs under Deno, and bundled in browsers. What needs a disk or the network is in `system.ts`.
 *
 * @example Is my layer norm right?
 * ```ts
 * import { moments } from "npm:@tensorflow/tfjs@4.22.0";
 * import { parity } from "./mod.ts";
 *
 * const { summary } = await parity(({ x, gamma, beta }, { epsilon }) => {
 *   const { mean, variance } = moments(x, -1, true);
 *   return x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
 * }, { norm: "layer", shape: [32, 64], options: { epsilon: 1e-3 }, backend: "cpu" });
 * console.log(summary);
 * ```
 *
 * @module
 */
export * from "./norms/mod.ts";
export * from "./models/mod.ts";
export * from "./harness/mod.ts";
export * from "./fixtures/mod.ts";
export type { Figure } from "./reports/figure.ts";
export type { RenderedPage, RenderedReport } from "./reports/render.ts";
