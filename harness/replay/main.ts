/**
 * `deno task replay`: replays a published notebook, and compares every printed figure.
 *
 * @module
 */
import { runTask } from "../run/run_task.ts";
import { runReplay } from "./cli.ts";

Deno.exit(await runTask(runReplay, Deno.args));
