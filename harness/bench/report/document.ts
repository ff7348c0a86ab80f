/**
 * The bench report as a document.
 *
 * @module
 */
import type { Report } from "../../run/report.ts";
import type { BandwidthRecord, BenchRecord, ChangeRecord } from "../record.ts";
import { benchText } from "./text.ts";
import type { BenchRunRecord } from "../record.ts";
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
import { missingSection, runLines, runSections } from "../../run/report_sections.ts";
import { writeHeadline } from "./headline.ts";
import { type BenchReport, type Group, modelBench } from "./model.ts";
import { HOW_TO_READ } from "./prose.ts";
import { roofline } from "./roofline.ts";
import {
  bandwidthTable,
  changeTable,
  failureTable,
  ratioTable,
  timingTable,
  trainingTable,
} from "./tables.ts";
import { throughput } from "./throughput.ts";

/** Works out the report of the records, and draws its figures. */
export async function benchDocument(records: readonly BenchRunRecord[]): Promise<ReportDocument> {
  const report = modelBench(records);
  const { runs, groups } = report;
  const norms = Map.groupBy(groups, ({ record }) => record.norm);
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
        blocks: HOW_TO_READ.map((text) => paragraph(text)),
        unlisted: true,
      },
      changeSection(report),
      { heading: "Share of the copy", anchor: "roofline", blocks: await drawn([roofline(groups)]) },
      {
        heading: "Training steps",
        anchor: "training",
        blocks: tableBlocks(trainingTable(groups)),
      },
      ...await Promise.all(
        [...norms].map(([norm, members], index) => normSection(norm, slugs[index]!, members)),
      ),
      {
        heading: "Could not run",
        anchor: "failures",
        blocks: tableBlocks(failureTable(groups)),
      },
      {
        heading: "Bandwidth of a copy",
        anchor: "bandwidth",
        blocks: tableBlocks(bandwidthTable(report)),
      },
      ...runSections(runs, report.sites),
    ],
  };
}

/** What changed since a baseline; all that was compared opens on demand. */
function changeSection(report: BenchReport): Section {
  const { changes } = report;
  const all: Block = {
    kind: "details",
    summary: `all of ${count(changes.length, "comparison")}`,
    blocks: tableBlocks(changeTable(report, false)),
  };
  const blocks = [
    paragraph(
      "Times are divided by those of the textbook's formula, or of the network without norm, before they are compared; of all samples the lower quarter counts, which bursts of other work do not reach. A change counts if its interval is beyond the noise: what the two passes of the baseline differed by. all: the mean over everything that the implementation was timed on. What seemed slower was measured once more.",
    ),
    ...tableBlocks(changeTable(report, true)),
    all,
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
): Promise<Section> {
  return {
    heading: `${norm} norm`,
    anchor: `norm-${slug}`,
    blocks: [
      ...await drawn([throughput(norm, slug, groups)]),
      ...tableBlocks(ratioTable(groups)),
      {
        kind: "details",
        summary: "All times",
        blocks: tableBlocks(timingTable(groups)),
      },
    ],
  };
}

async function drawn(specs: readonly (FigureSpec | null)[]): Promise<Block[]> {
  return figureBlocks(await Promise.all(specs.filter((spec) => spec !== null).map(draw)));
}

/** The report of the bench task. */
export const BENCH_REPORT: Report<BenchRecord | BandwidthRecord | ChangeRecord> = {
  pages: async (records) => new Map([["report", await benchDocument(records)]]),
  text: benchText,
};
