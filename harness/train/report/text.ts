import type { TrainRunRecord } from "../record.ts";
import { type Table, table, textTable } from "../../../reports/table.ts";
import { summaryText } from "../../run/report.ts";
import { questionOf } from "../questions/registry.ts";
import { type Contrast, contrast, contrastSentence, readingOf } from "./contrasts.ts";
import { FINAL_LOSS, TEST_ACCURACY } from "./measures.ts";
import { modelTraining, type TrainReport } from "./model.ts";
import type { Panel } from "./panel.ts";
import { againstNone } from "./pairs.ts";
import { intervalColumn, meanColumn, TRIALS } from "./tables.ts";
import { trainHeadline } from "./words.ts";

/** Comparisons of a suite. */
const SHOWN = 2;

/** The summary of a training run: an arm a line, the clearest comparisons, and what is missing. */
export function trainSummary(records: readonly TrainRunRecord[]): string {
  const report = modelTraining(records, questionOf);
  const parts = [
    ...report.suites.flatMap(({ name, panels }) =>
      panels.map((panel) => `${name}: ${panel.label}\n${textTable(panelTable(panel))}`)
    ),
    comparisonLines(report).join("\n"),
  ];
  return summaryText(parts, report.runs, trainHeadline(report));
}

function panelTable(panel: Panel): Table {
  const readings = new Map(
    contrast(panel, againstNone(panel), TEST_ACCURACY).map((each) => [each.arm, readingOf(each)]),
  );
  const columns = [
    TRIALS,
    meanColumn(TEST_ACCURACY),
    intervalColumn(TEST_ACCURACY),
    meanColumn(FINAL_LOSS),
  ];
  return table(
    ["arm", "trials#", "test accuracy#", "95 % of its mean#", "final loss#", "against none"],
    panel.arms.map((arm) => [
      arm.label,
      ...columns.map(({ cell }) => cell(arm, panel)),
      readings.get(arm) ?? "",
    ]),
  );
}

/** The widest of the supported gaps of each suite, among those that it counts first. */
function comparisonLines({ suites }: TrainReport): string[] {
  return suites.flatMap((suite) =>
    suite.head.flatMap(({ contrasts }) => contrasts).sort(byWeight).slice(0, SHOWN)
      .map((each) => `${suite.name}, ${each.panel.label}: ${contrastSentence(each)}`)
  );
}

function byWeight(a: Contrast, b: Contrast): number {
  const supported = ({ reading }: Contrast) => Number(reading === "supported");
  const gap = ({ found }: Contrast) => Math.abs(found?.mean ?? 0);
  return supported(b) - supported(a) || gap(b) - gap(a);
}
