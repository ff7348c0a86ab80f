/**
 * `deno task train`: networks with and without normalization, over several trials.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { TRAIN_TASK } from "./task.ts";

await main(TRAIN_TASK);
