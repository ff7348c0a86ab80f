/**
 * What a replay report says first.
 *
 * @module
 */
import type { Headline } from "../../../reports/document.ts";
import { count } from "../../../reports/format.ts";
import type { NetworkRuns, ReplayReport } from "./model.ts";

/** The verdict over all figures, and how far the training runs were followed. */
export function replayHeadline({ experiments, networks, missing }: ReplayReport): Headline {
  const figures = experiments.flatMap((experiment) => experiment.figures);
  const judged = figures.filter(({ record }) => record.verdict !== undefined);
  const differing = judged.filter(({ record }) => record.verdict === "differs");
  const printed = judged.filter(({ record }) => record.published.length > 0);
  const same = printed.filter(({ record }) => record.verdict === "same digits");
  const exact = `${same.length} of ${count(printed.length, "printed figure")} to the last digit`;
  const remarks = networks.filter(({ own }) => own !== undefined).map(followedSentence);
  if (differing.length > 0) {
    return {
      tone: "failed",
      verdict: `${
        count(differing.length, "figure")
      } of ${judged.length} differ from the notebook's.`,
      remarks: [`Reproduced: ${exact}.`, ...remarks],
    };
  }
  return {
    tone: missing.length > 0 || judged.length === 0 ? "incomplete" : "passed",
    verdict: judged.length === 0
      ? "No figure was replayed."
      : `The notebook is reproduced as far as can be expected: ${exact}.`,
    remarks,
  };
}

function followedSentence({ site, network, figures, followed }: NetworkRuns): string {
  const which = network === "plain" ? "The plain network" : "The network with batch norm";
  const last = figures.at(-1)?.training?.iteration ?? 0;
  if (followed === 0) return `${which} departs from the notebook at once, on ${site.label}.`;
  const rest = followed < last ? "; after that, rounding has made other digits" : "";
  return `${which} follows the notebook digit by digit up to iteration ${followed}, on ${site.label}${rest}.`;
}
