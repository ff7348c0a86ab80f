/**
 * Looks for free space, as the setup does before it downloads; run with the task's own permissions.
 *
 * @module
 */
import { realContext } from "./context.ts";

console.log(await realContext(new AbortController().signal).freeBytes("."));
