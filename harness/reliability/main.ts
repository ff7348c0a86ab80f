/** `deno task reliability`: puts Normbench through the trials of docs/reliability.md. */
import { main } from "../run/task.ts";
import { RELIABILITY_TASK } from "./task.ts";

await main(RELIABILITY_TASK);
