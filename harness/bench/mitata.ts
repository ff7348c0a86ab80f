/**
 * The one module that imports mitata: its measuring loop, and its histograms, box plots and summaries
 * for the terminal.
 *
 * @module
 */
import { bench, boxplot, compact, group, run, summary } from "npm:mitata@1.0.34";
import { type BenchRecord, hasTiming, titleOf } from "./record.ts";

export { do_not_optimize, measure } from "npm:mitata@1.0.34";

export async function printGroups(records: readonly BenchRecord[]): Promise<void> {
  for (const record of records) {
    const timings = record.contenders.filter(hasTiming);
    if (timings.length === 0) continue;
    group(titleOf(record), () =>
      summary(() =>
        boxplot(() =>
          compact(() => {
            for (const { name, role, samples } of timings) {
              bench(name, replay(samples)).gc(false).baseline(role === "reference");
            }
          })
        )
      ));
  }
  await run({ print: (line) => console.log(line), colors: Deno.stdout.isTerminal() });
}

/** A benchmark that only reports: each call gives the next sample, in nanoseconds. */
function replay(samples: readonly number[]) {
  let next = 0;
  return function* (): Generator<() => number, void, undefined> {
    const manual = () => 1e9 * samples[next++ % samples.length]!;
    yield { manual, budget: "manual" } as unknown as () => number;
  };
}
