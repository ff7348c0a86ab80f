/**
 * The doctor task: says which backends work here, and why others do not.
 *
 * @module
 */
import { inspectBackends } from "../backend/active_backend.ts";
import { fastest } from "../backend/choose.ts";
import { environment } from "../run/environment.ts";
import { defineTask, ExitStatus } from "../run/task.ts";
import { doctorReport } from "./doctor.ts";

/** `deno task doctor`. */
export const DOCTOR_TASK = defineTask({
  name: "doctor",
  about:
    "Show the backends that work here, with versions and devices, and the reason why others do " +
    "not.",
  options: {},
  async run() {
    const statuses = await inspectBackends();
    console.log(doctorReport(await environment(), statuses, fastest(statuses).name));
    return ExitStatus.ok;
  },
});
