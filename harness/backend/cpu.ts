/**
 * The backend `cpu`: plain JavaScript, part of the union package.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import { processorModel } from "../run/environment.ts";
import { startTfjsBackend } from "./start.ts";
import { type Prepared, Speed } from "./backend.ts";

/** Activates the backend. */
export async function prepareCpu(): Promise<Prepared> {
  await startTfjsBackend("cpu");
  return {
    version: tf.version["tfjs-backend-cpu"],
    device: await processorModel(),
    notes: ["JavaScript, 1 thread", "sums in float64 inside a kernel"],
    speed: Speed.cpu,
  };
}
