/**
 * `deno task faults`: plants faults in textbook norms and counts those that parity catches.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { FAULTS_TASK } from "./task.ts";

await main(FAULTS_TASK);
