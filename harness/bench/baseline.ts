/**
 * Baselines: runs that are kept under a name, so that later runs can be compared with them.
 *
 * @module
 */
import { join } from "node:path";
import { UsageError } from "../../norms/basics/errors.ts";
import { formatRecord, type HeaderRecord } from "../run/record.ts";
import { readRecords, RECORDS_FILE } from "../run/run_folder.ts";
import {
  BENCH_KINDS,
  benchmarked,
  type BenchRecord,
  type BenchRunRecord,
  type ChangeRecord,
} from "./record.ts";

const BASELINES = join("results", "baselines");

/** The share of ratios whose intervals must overlap in both passes. */
const AGREEMENT = 0.9;

const VERSIONS = ["deno", "v8", "tfjs"] as const;

export interface Baseline {
  readonly name: string;
  readonly header: HeaderRecord;
  readonly records: readonly BenchRecord[];
}

/**
 * Refuses a name that could lead out of the folder of the baselines.
 *
 * @throws {UsageError} if it has other characters, or begins with a dot or a dash.
 */
export function checkBaselineName(name: string): string {
  if (/^\w[\w.-]*$/.test(name)) return name;
  throw new UsageError(
    `${name} cannot be the name of a baseline. Use letters, digits, dots and dashes.`,
  );
}

/** Keeps records under a name, in place of others of that name; returns where. */
export function saveBaseline(
  name: string,
  records: readonly BenchRunRecord[],
  folder: string = BASELINES,
): string {
  const path = join(folder, name);
  Deno.mkdirSync(path, { recursive: true });
  const kept = records.filter(({ kind }) => kind !== "change");
  const lines = kept.map((record) => `${formatRecord(record)}\n`);
  Deno.writeTextFileSync(join(path, RECORDS_FILE), lines.join(""));
  return path;
}

/**
 * Reads a baseline.
 *
 * @throws {UsageError} if there is none of that name, or its file is damaged.
 */
export function loadBaseline(name: string, folder: string = BASELINES): Baseline {
  const known = baselineNames(folder);
  if (!known.includes(name)) {
    const choice = known.length === 0
      ? "There are none yet: make one with --save-baseline NAME"
      : `Choose from ${known.join(", ")}`;
    throw new UsageError(`There is no baseline "${name}" in ${folder}. ${choice}.`);
  }
  const records = readRecords(join(folder, name), BENCH_KINDS);
  return {
    name,
    header: records[0] as HeaderRecord,
    records: records.filter((record) => record.kind === "bench"),
  };
}

function baselineNames(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

/**
 * Refuses a baseline whose times cannot be compared with those of this run.
 *
 * @throws {UsageError} if it comes from another machine, device, backend or version.
 */
export function checkComparable({ name, header }: Baseline, now: HeaderRecord): void {
  const differences = differencesOf(header, now);
  if (differences.length === 0) return;
  throw new UsageError(
    `The baseline "${name}" is not comparable: ${differences.join("; ")}. ` +
      `Save one here with --save-baseline, or add --force to compare anyway.`,
  );
}

function differencesOf(then: HeaderRecord, now: HeaderRecord): string[] {
  const propertiesOf = ({ environment, backends }: HeaderRecord) =>
    new Map<string, unknown>([
      ["platform", environment.platform],
      ["processor", environment.cpu],
      ["number of cores", environment.cores],
      ...VERSIONS.map((name) => [name, environment.versions[name]] as const),
      ...backends.flatMap(({ name, version, device }) =>
        [[`version of ${name}`, version], [`device of ${name}`, device]] as const
      ),
    ]);
  const before = propertiesOf(then);
  return [...propertiesOf(now)].filter(([what, after]) => before.get(what) !== after)
    .map(([what, after]) =>
      `${what} was ${before.has(what) ? before.get(what) : "not in it"}, now ${after}`
    );
}

/** Compares two passes: ratios agree if their intervals overlap. */
export function agreement(first: readonly BenchRecord[], second: readonly BenchRecord[]) {
  const others = new Map(second.map((record) => [keyOf(record), record]));
  const overlaps = first.flatMap((record) =>
    record.ratios.flatMap(({ contender, against, low, high }) => {
      const other = others.get(keyOf(record))?.ratios.find((ratio) =>
        ratio.contender === contender && ratio.against === against
      );
      return other === undefined ? [] : [low <= other.high && other.low <= high];
    })
  );
  const agreeing = overlaps.filter(Boolean).length;
  return {
    compared: overlaps.length,
    agreeing,
    accepted: overlaps.length > 0 && agreeing >= AGREEMENT * overlaps.length,
  };
}

interface Subject {
  readonly backend: string;
  readonly norm: string | { readonly name: string };
  readonly workload: ChangeRecord["workload"];
  readonly network?: string;
  readonly shape: readonly number[];
}

/** Identifies a job, a benchmark or a change within a run; equal in all runs. */
export function keyOf({ backend, norm, workload, network, shape }: Subject): string {
  const name = typeof norm === "string" ? norm : norm.name;
  const about = { norm: name, workload, shape, ...(network === undefined ? {} : { network }) };
  return JSON.stringify([backend, ...benchmarked(about)]);
}

/**
 * Refuses a baseline that has none of the jobs.
 *
 * @throws {UsageError} if no job is in it.
 */
export function checkOverlap({ name, records }: Baseline, jobs: readonly Subject[]): void {
  const known = new Set(records.map(keyOf));
  if (jobs.some((job) => known.has(keyOf(job)))) return;
  throw new UsageError(
    `The baseline "${name}" has none of these norms and shapes. Choose some that it has.`,
  );
}
