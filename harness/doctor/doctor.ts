/**
 * What `deno task doctor` prints: the machine, the backends that work on it, and what others need.
 *
 * @module
 */
import type { Environment } from "../run/record.ts";
import type { BackendName, BackendStatus } from "../backend/registry.ts";

/**
 * Renders the findings as text.
 *
 * @param auto The backend that `--backend auto` takes.
 */
export function doctorReport(
  environment: Environment,
  statuses: readonly BackendStatus[],
  auto: BackendName,
): string {
  const sections = [
    describeEnvironment(environment),
    table(statuses.filter(({ works }) => works), auto),
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
    `${platform}, processor ${cpu}, ${cores} ${cores === 1 ? "core" : "cores"}`,
  ].join("\n");
}

/** A row a backend, its notes below its device. */
function table(statuses: readonly BackendStatus[], auto: BackendName): string {
  const rows = [["", "backend", "version", "runs on"]];
  for (const { name, version, device, notes } of statuses) {
    rows.push([name === auto ? "*" : "", name, version, device]);
    rows.push(...notes.map((note) => ["", "", "", `  ${note}`]));
  }
  return [...align(rows), "", `* is what --backend auto takes`].join("\n");
}

function align(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
}

function describeMissing({ name, reason, remedy }: BackendStatus): string {
  return `${name} does not work here: ${reason}\n  remedy: ${remedy}`;
}
