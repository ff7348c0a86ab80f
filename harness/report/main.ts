/**
 * `deno task report`: renders the report of a run again from its records.
 *
 * @module
 */
import { runTask } from "../run/run_task.ts";
import { runReport } from "./cli.ts";

Deno.exit(await runTask(runReport, Deno.args));
