/**
 * `deno task train`: networks with and without normalization, over several trials.
 *
 * @module
 */
import { runTask } from "../run/run_task.ts";
import { runTrain } from "./cli.ts";

Deno.exit(await runTask(runTrain, Deno.args));
