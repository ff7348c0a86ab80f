/** Entry point of `deno task setup`. */
import { main } from "../run/task.ts";
import { SETUP_TASK } from "./task.ts";

await main(SETUP_TASK);
