/**
 * `deno task parity`: compares every norm with tf.layers and the float64 oracle.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { PARITY_TASK } from "./task.ts";

await main(PARITY_TASK);
