/**
 * `deno task replay`: replays a published notebook, and compares the values that it printed.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { REPLAY_TASK } from "./task.ts";

await main(REPLAY_TASK);
