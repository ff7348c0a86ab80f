/**
 * What the terminal shows of a run: mitata's histograms, box plots and summaries.
 *
 * @module
 */
import { type BenchRecord, hasTiming } from "./record.ts";
import { bench, boxplot, compact, group, run, summary } from "./mitata.ts";
import { formatShape } from "./shapes.ts";

/** Shows groups of contenders; mitata is given the samples that were taken. */
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

/** What a group is about, in a line. */
export function titleOf({ backend, norm, workload, network, shape, cache }: BenchRecord): string {
  const where = network === undefined ? `${formatShape(shape)}, ${cache}` : network;
  return `${norm} norm, ${workload}, ${where}, ${backend}`;
}

/** A benchmark that takes no time of its own: each call gives the next sample, in nanoseconds. */
function replay(samples: readonly number[]) {
  let next = 0;
  return function* (): Generator<() => number, void, undefined> {
    const manual = () => 1e9 * samples[next++ % samples.length]!;
    yield { manual, budget: "manual" } as unknown as () => number;
  };
}
