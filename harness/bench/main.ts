/**
 * `deno task bench`: times every norm beside tf.layers, and says how fast the machine could have been.
 *
 * @module
 */
import { runTask } from "../run/run_task.ts";
import { runBench } from "./cli.ts";

Deno.exit(await runTask(runBench, Deno.args));
