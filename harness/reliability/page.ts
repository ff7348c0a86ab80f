/** The table of docs/reliability.md, from the results that `deno task reliability --keep` wrote. */
import { fileURLToPath } from "node:url";
import { count } from "../../reports/format.ts";
import { markdownTable, table } from "../../reports/table.ts";
import { TRIALS } from "./registry.ts";
import type { Outcome, Trial } from "./trial.ts";

/** What a trial came to, and where. */
export interface Result extends Outcome {
  readonly times: number;
  readonly seed: number;
  /** Versions and machine. */
  readonly on: string;
}

export type Results = Readonly<Record<string, Result>>;

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const RESULTS = pathOf("results.json");
const PAGE = pathOf("../../docs/reliability.md");

/** The page lies between these, its text around them. */
const [BEGIN, END] = ["<!-- begin of the table -->", "<!-- end of the table -->"];

export function readResults(): Results {
  return JSON.parse(Deno.readTextFileSync(RESULTS));
}

export function readPage(): string {
  return Deno.readTextFileSync(PAGE);
}

/** Adds results to those that are kept, and writes the page anew. */
export function keepResults(results: Results): void {
  const all = { ...readResults(), ...results };
  const known = TRIALS.flatMap(({ name }) => all[name] === undefined ? [] : [[name, all[name]]]);
  const kept: Results = Object.fromEntries(known);
  Deno.writeTextFileSync(RESULTS, `${JSON.stringify(kept, null, 2)}\n`);
  Deno.writeTextFileSync(PAGE, pageWith(readPage(), kept));
}

/** The page with the table of these results. */
export function pageWith(page: string, results: Results): string {
  const [before] = page.split(BEGIN);
  const [, after] = page.split(END);
  return `${before}${BEGIN}\n\n${resultsTable(results)}\n\n${END}${after}`;
}

function resultsTable(results: Results): string {
  const cells = table(
    ["what is tried, and what must hold", "times#", "lost#", "found"],
    TRIALS.flatMap((trial) => rowOf(trial, results[trial.name])),
  );
  const machines = new Set(Object.values(results).map(({ on }) => on));
  // What is tried is written with code.
  const written = markdownTable(cells).replaceAll("\\`", "`");
  return `${written}\n\nOn ${[...machines].join("; ")}.`;
}

function rowOf({ about }: Trial, result: Result | undefined): string[][] {
  if (result === undefined) return [[about, "0", "", "no complete run kept"]];
  const lost = result.lost.length === 0 ? "nothing" : String(result.lost.length);
  return [[about, String(result.times), lost, result.found ?? ""]];
}

/** A trial's outcome in a few lines. */
export function outcomeText({ name }: Trial, times: number, { lost, found }: Outcome): string {
  const loss = lost.length === 0 ? "nothing lost" : `${lost.length} lost`;
  const head = [`${name}: tried ${count(times, "time")}, ${loss}`, found].filter(Boolean).join(
    "; ",
  );
  return [head, ...lost.map((line) => `  ${line}`)].join("\n");
}
