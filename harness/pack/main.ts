/**
 * `deno task pack`: makes an archive for machines without a network.
 *
 * @module
 */
import { main } from "../run/task.ts";
import { PACK_TASK } from "./task.ts";

await main(PACK_TASK);
