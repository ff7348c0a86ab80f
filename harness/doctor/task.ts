/**
 * The doctor task: the machine, the backends that work on it, and what the others need.
 *
 * @module
 */
import { count } from "../../reports/format.ts";
import { table, textTable } from "../../reports/table.ts";
import { inspectBackends } from "../backend/active_backend.ts";
import { fastest } from "../backend/choose.ts";
import type { BackendName, BackendStatus } from "../backend/registry.ts";
import { environment } from "../run/environment.ts";
import type { Environment } from "../run/record.ts";
import { defineTask, ExitStatus } from "../run/task.ts";

/** `deno task doctor`. */
export const DOCTOR_TASK = defineTask({
  name: "doctor",
  about:
    "Show the backends that work here, with versions and devices, and the reason why others do " +
    "not.",
  options: {},
  notes: "Exit status: 0, also if a backend does not work; 2 for bad usage.",
  async run() {
    const statuses = await inspectBackends();
    console.log(doctorReport(await environment(), statuses, fastest(statuses).name));
    return ExitStatus.ok;
  },
});

/**
 * The machine and its backends as text.
 *
 * @param auto The backend that `--backend auto` selects.
 */
export function doctorReport(
  environment: Environment,
  statuses: readonly BackendStatus[],
  auto: BackendName,
): string {
  const sections = [
    describeEnvironment(environment),
    workingBackends(statuses.filter(({ works }) => works), auto),
    ...statuses.filter(({ works }) => !works).map(describeMissing),
  ];
  return sections.join("\n\n");
}

function describeEnvironment(environment: Environment): string {
  const { normbench, commit, versions, platform, cpu, cores } = environment;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Normbench ${normbench}${commit === null ? "" : `, commit ${commit}`}`,
    named.join(", "),
    `${platform}, processor ${cpu}, ${count(cores, "core")}`,
  ].join("\n");
}

/** A row for each backend, its notes below its device. */
function workingBackends(statuses: readonly BackendStatus[], auto: BackendName): string {
  const rows = statuses.flatMap(({ name, version, device, notes }) => [
    [name === auto ? "*" : "", name, version, device],
    ...notes.map((note) => ["", "", "", `  ${note}`]),
  ]);
  const backends = textTable(table(["", "backend", "version", "runs on"], rows));
  return `${backends}\n\n* is what --backend auto selects`;
}

function describeMissing({ name, reason, remedy }: BackendStatus): string {
  return `${name} does not work here: ${reason}\n  remedy: ${remedy}`;
}
