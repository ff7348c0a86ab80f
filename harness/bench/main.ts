/**
 * `deno task bench`: times every norm beside tf.layers, and says how fast the machine could have been.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { BENCH_TASK } from "./task.ts";

await main(BENCH_TASK);
