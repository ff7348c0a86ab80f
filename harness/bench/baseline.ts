/**
 * Baselines: runs that are kept under a name, for later ones to be compared with.
 *
 * @module
 */
import { BENCH_KINDS, benchmarked } from "./record.ts";
import { join } from "node:path";
import type { BenchRecord, ChangeRecord } from "./record.ts";
import { formatRecord } from "../run/record.ts";
import { readRecords, RECORDS_FILE } from "../run/run_folder.ts";
import type { BenchRunRecord } from "./record.ts";
import type { HeaderRecord } from "../run/record.ts";
import { UsageError } from "../../norms/basics/errors.ts";

/** Where baselines are kept. */
const BASELINES = join("results", "baselines");

/** Of all ratios, the share whose intervals must overlap in both passes. */
const AGREEMENT = 0.9;

/** Versions that times depend on. */
const VERSIONS = ["deno", "v8", "tfjs"] as const;

/** A run to compare with. */
export interface Baseline {
  readonly name: string;
  readonly header: HeaderRecord;
  /** Of both passes. */
  readonly records: readonly BenchRecord[];
}

/**
 * Refuses a name that could lead out of the folder of the baselines.
 *
 * @throws {UsageError} if it is none.
 */
export function checkBaselineName(name: string): string {
  if (/^\w[\w.-]*$/.test(name)) return name;
  throw new UsageError(`${name} is no name of a baseline. Use letters, digits, dots and dashes.`);
}

/** Keeps records under a name, in place of others of that name; says where. */
export function saveBaseline(
  name: string,
  records: readonly BenchRunRecord[],
  folder: string = BASELINES,
): string {
  const path = join(folder, name);
  Deno.mkdirSync(path, { recursive: true });
  const lines = records.filter(({ kind }) => kind !== "change").map((each) =>
    `${formatRecord(each)}\n`
  );
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
      ? "There is none yet: make one with --save-baseline NAME"
      : `Choose among ${known.join(", ")}`;
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
      `Save one here with --save-baseline, or add --force to compare all the same.`,
  );
}

function differencesOf(then: HeaderRecord, now: HeaderRecord): string[] {
  const pairs: [string, unknown, unknown][] = [
    ["platform", then.environment.platform, now.environment.platform],
    ["processor", then.environment.cpu, now.environment.cpu],
    ["number of cores", then.environment.cores, now.environment.cores],
    ...VERSIONS.map((name): [string, unknown, unknown] => [
      name,
      then.environment.versions[name],
      now.environment.versions[name],
    ]),
    ...now.backends.flatMap(({ name, version, device }): [string, unknown, unknown][] => {
      const other = then.backends.find((backend) => backend.name === name);
      return [
        [`version of ${name}`, other?.version ?? "not in it", version],
        [`device of ${name}`, other?.device ?? "not in it", device],
      ];
    }),
  ];
  return pairs.filter(([, before, after]) => before !== after)
    .map(([what, before, after]) => `${what} was ${before}, now ${after}`);
}

/** How many ratios of the first pass are there in the second, and how many agree. */
export interface Agreement {
  readonly compared: number;
  readonly agreeing: number;
  /** Whether enough do. */
  readonly accepted: boolean;
}

/** Whether two passes over the same found the same: ratios with overlapping intervals. */
export function agreement(
  first: readonly BenchRecord[],
  second: readonly BenchRecord[],
): Agreement {
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

/** What identifies a job, a benchmark, and a change, whichever run it is of. */
interface Subject {
  readonly backend: string;
  readonly norm: string | { readonly name: string };
  readonly workload: ChangeRecord["workload"];
  readonly network?: string;
  readonly shape: readonly number[];
}

/** What something is about, on which backend. */
export function keyOf({ backend, norm, workload, network, shape }: Subject): string {
  const name = typeof norm === "string" ? norm : norm.name;
  const about = { norm: name, workload, shape, ...(network === undefined ? {} : { network }) };
  return JSON.stringify([backend, ...benchmarked(about)]);
}

/**
 * Refuses a baseline that has nothing of what is to be run.
 *
 * @throws {UsageError} if no job is in it.
 */
export function checkOverlap({ name, records }: Baseline, jobs: readonly Subject[]): void {
  const known = new Set(records.map(keyOf));
  if (jobs.some((job) => known.has(keyOf(job)))) return;
  throw new UsageError(
    `The baseline "${name}" holds none of these norms and shapes. Compare with what was saved.`,
  );
}
