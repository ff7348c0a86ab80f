/**
 * The backend `cpu`: plain JavaScript, part of the union package.
 *
 * @module
 */
import { IEEE } from "../../norms/oracle/bounded.ts";
import * as tf from "../../norms/basics/tf.ts";
import { type Backend, Speed } from "./backend.ts";
import { processor, startTfjsBackend } from "./start.ts";

export const cpu: Backend<"cpu"> = {
  name: "cpu",
  arithmetic: IEEE,
  async prepare() {
    await startTfjsBackend("cpu");
    return {
      version: tf.version["tfjs-backend-cpu"],
      device: await processor(),
      notes: ["JavaScript, 1 thread", "sums in float64 inside a kernel"],
      speed: Speed.cpu,
    };
  },
};
