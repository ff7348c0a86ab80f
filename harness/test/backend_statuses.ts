/**
 * Prints the statuses of all backends as JSON, for `deno task test`.
 *
 * @module
 */
import { inspectBackends } from "../backend/active_backend.ts";

console.log(JSON.stringify(await inspectBackends()));
