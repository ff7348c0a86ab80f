/**
 * The bench report: its page, and what the terminal shows of it.
 *
 * @module
 */
import {
  type Block,
  figureBlocks,
  paragraph,
  type ReportDocument,
  type Section,
  tableBlocks,
} from "../../../reports/document.ts";
import { uniqueSlugs } from "../../../reports/escape.ts";
import { draw, type FigureSpec } from "../../../reports/figure.ts";
import { count } from "../../../reports/format.ts";
import { textTable } from "../../../reports/table.ts";
import {
  missingSection,
  type Report,
  runLines,
  runSections,
  summaryText,
} from "../../run/report.ts";
import {
  type BandwidthRecord,
  BENCH_KINDS,
  type BenchRecord,
  type BenchRunRecord,
  type ChangeRecord,
  type TraceRecord,
} from "../record.ts";
import { roofline, throughput } from "./figures.ts";
import { writeHeadline } from "./headline.ts";
import { type BenchReport, type Group, isAlone, modelBench } from "./model.ts";
import {
  bandwidthTable,
  changeTable,
  failureTable,
  ratioTable,
  stepTable,
  timingTable,
} from "./tables.ts";
import { traceSection, traceTables } from "./trace.ts";

export const BENCH_REPORT: Report<
  BenchRecord | BandwidthRecord | ChangeRecord | TraceRecord
> = {
  task: "bench",
  kinds: BENCH_KINDS,
  pages: async (records) => new Map([["report", await benchDocument(records)]]),
  text: benchText,
};

const HOW_TO_READ: readonly string[] = [
  "Contenders of a group take turns, in a new random order each round; other frameworks do so in processes of their own, and then an untimed run precedes each sample. Whatever slows the machine slows all of them, so the ratio of two samples of a round can be trusted where times cannot. A time ratio is the median over the rounds; below 1, the implementation is the faster one; the brackets hold its 95 % bootstrap interval. ▼ marks faster, ▲ slower, and ≈ an interval that contains 1.",
  "A sample is a number of runs and one forced completion, so that queued work is counted. The cost of a completion with nothing to wait for is listed with the bandwidths. A contender whose single run takes seconds is run once, and its ratios have no confidence interval.",
  "cold: inputs rotate over more bytes than a cache holds. hot: they may stay in a cache.",
  "The bandwidth is that of the plain operation of the backend (an absolute value, an addition, a sum ...) that moves most bytes a second at about this size; it takes turns with the others. Traffic is the least that a norm has to move: 2 tensors forward, 3 more backward. Its share of what the plain operation moved in the same time shows how much can be gained; another framework, which manages memory in another way, may exceed it. Weight norm counts its kernel, which a layer multiplies by one sample.",
  "textbook is the naive formula, without what protects the other implementations from extreme data.",
  "memory and tensors are the most that a run held at once, inputs and weights not counted. device is the time of the kernels by the clock of a graphics card, where it has one.",
  "~ marks a group during which the speed of the machine changed by more than a quarter, and a ratio with a contender whose slower quarter of samples took more than twice as long as its faster quarter: the machine was busy, and frameworks with several threads suffer most. Such a ratio says nothing; measure again on an idle machine.",
];

export async function benchDocument(records: readonly BenchRunRecord[]): Promise<ReportDocument> {
  const report = modelBench(records);
  const { runs, groups, colours } = report;
  const norms = Map.groupBy(groups.filter(isAlone), ({ record }) => record.norm);
  const slugs = uniqueSlugs([...norms.keys()]);
  return {
    title: "Normbench benchmark report",
    headline: writeHeadline(report),
    environment: runLines(runs),
    sections: [
      missingSection(runs),
      {
        heading: "How to read it",
        anchor: "reading",
        blocks: groups.length === 0 ? [] : HOW_TO_READ.map((text) => paragraph(text)),
        unlisted: true,
      },
      changeSection(report),
      {
        heading: "Share of the bandwidth",
        anchor: "roofline",
        blocks: await drawn(roofline(groups, colours)),
      },
      trainingSection(groups),
      traceSection(report.traces),
      ...await Promise.all(
        [...norms].map(([norm, members], index) =>
          normSection(norm, slugs[index]!, members, report)
        ),
      ),
      {
        heading: "Could not run",
        anchor: "failures",
        blocks: tableBlocks(failureTable(groups)),
      },
      {
        heading: "Bandwidth",
        anchor: "bandwidth",
        blocks: tableBlocks(bandwidthTable(report)),
      },
      ...runSections(runs, report.sites),
    ],
  };
}

/** Steps of networks: each of ours against each other contender, then all times. */
function trainingSection(groups: readonly Group[]): Section {
  const steps = groups.filter((group) => !isAlone(group));
  const reads = [...new Set(steps.flatMap(({ record }) => record.reads ?? []))];
  const reading = reads.map((what) => ` Every contender reads the ${what} of each step.`).join("");
  const blocks: Block[] = [
    paragraph(STEPS + reading),
    ...tableBlocks(ratioTable(steps)),
    { kind: "details", summary: "All times", blocks: tableBlocks(stepTable(steps)) },
  ];
  return { heading: "Training steps", anchor: "training", blocks: steps.length > 0 ? blocks : [] };
}

const STEPS =
  "Loss, gradients and an update by Adam, of networks with the same layers. compiled: our step as one call; eager: operation by operation; both with the implementation of the norm that networks take. compiled by XLA: in one kernel, with a norm of basic operations. What bears the name of an implementation runs as one call, where the backend can. Ours also count right answers. tf.layers: trainOnBatch, with the norm of tf.layers. pytorch: eager, in its default memory order or channels-last. keras: a step in a tf.function, compiled by XLA or not.";

/** What changed since a baseline, and on demand all that was compared. */
function changeSection(report: BenchReport): Section {
  const { changes } = report;
  const blocks: Block[] = [
    paragraph(
      "Times are divided by those of the textbook formula, or of the network without norm, before they are compared; only the lower quartile of the samples counts, which bursts of other work do not reach. A change counts if its whole interval exceeds the noise, which is how much the two passes of the baseline differed. all: the mean over everything that the implementation was timed on. What seemed slower was measured once more.",
    ),
    ...tableBlocks(changeTable(report, true)),
    {
      kind: "details",
      summary: `all of ${count(changes.length, "comparison")}`,
      blocks: tableBlocks(changeTable(report, false)),
    },
  ];
  return {
    heading: "Compared with the baseline",
    anchor: "changes",
    blocks: changes.length > 0 ? blocks : [],
  };
}

async function normSection(
  norm: string,
  slug: string,
  groups: readonly Group[],
  { colours }: BenchReport,
): Promise<Section> {
  return {
    heading: `${norm} norm`,
    anchor: `norm-${slug}`,
    blocks: [
      ...await drawn(throughput(norm, slug, groups, colours)),
      ...tableBlocks(ratioTable(groups)),
      {
        kind: "details",
        summary: "All times",
        blocks: tableBlocks(timingTable(groups)),
      },
    ],
  };
}

async function drawn(spec: FigureSpec | null): Promise<Block[]> {
  return spec === null ? [] : figureBlocks([await draw(spec)]);
}

function benchText(records: readonly BenchRunRecord[]): string {
  const report = modelBench(records);
  const parts = [
    textTable(ratioTable(report.groups.filter(isAlone))),
    textTable(ratioTable(report.groups.filter((group) => !isAlone(group)))),
    textTable(failureTable(report.groups)),
    textTable(bandwidthTable(report)),
    textTable(changeTable(report, true)),
    ...traceTables(report.traces).map(([title, table]) =>
      [title, textTable(table)].filter(Boolean).join("\n")
    ),
  ];
  return summaryText(parts, report.runs, writeHeadline(report));
}
