/**
 * `deno task doctor`: says which backends work here, and why others do not.
 *
 * @module
 */
import { environment } from "../run/environment.ts";
import { inspectBackends, selectBackends } from "../backend/active_backend.ts";
import { doctorReport } from "./doctor.ts";

const statuses = await inspectBackends();
const [auto] = await selectBackends("auto");
console.log(doctorReport(await environment(), statuses, auto!.name));
