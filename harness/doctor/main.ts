/**
 * `deno task doctor`: says which backends work here, and why others do not.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { DOCTOR_TASK } from "./task.ts";

await main(DOCTOR_TASK);
