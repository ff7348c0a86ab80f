/**
 * `deno task parity`: holds every norm against tf.layers and the float64 oracle.
 *
 * @module
 */
import { runTask } from "../run/run_task.ts";
import { runParity } from "./cli.ts";

Deno.exit(await runTask(runParity, Deno.args));
