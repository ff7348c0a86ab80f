/**
 * `deno task doctor`: says which backends work here, and why others do not.
 *
 * @module
 */
import { environment } from "../run/environment.ts";
import { inspectBackends } from "../backend/active_backend.ts";
import { fastest } from "../backend/choose.ts";
import { doctorReport } from "./doctor.ts";

const statuses = await inspectBackends();
console.log(doctorReport(await environment(), statuses, fastest(statuses).name));
