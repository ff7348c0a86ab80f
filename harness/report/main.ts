/**
 * `deno task report`: renders the report of a run again from its records.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { REPORT_TASK } from "./task.ts";

await main(REPORT_TASK);
