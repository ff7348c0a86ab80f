/**
 * `deno task faults`: plants faults in textbook norms and counts those that parity catches.
 *
 * @module
 */
import { runTask } from "../run/run_task.ts";
import { runFaults } from "./cli.ts";

Deno.exit(await runTask(runFaults, Deno.args));
