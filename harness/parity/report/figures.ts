/**
 * The figures of a parity report, drawn.
 *
 * @module
 */
import { errorByOffset } from "./error_by_offset.ts";
import { draw, type Figure } from "../../../reports/figure.ts";
import { heatMap } from "./heat_map.ts";
import type { NormTally, ParityReport } from "./model.ts";
import { ratioByCase } from "./ratio_by_case.ts";

/** The figures of a report, by where they stand in it. */
export interface ReportFigures {
  readonly overview: readonly Figure[];
  readonly norms: ReadonlyMap<NormTally, readonly Figure[]>;
}

/** Draws all figures of a report; one in which nothing was compared has none. */
export async function drawFigures(report: ParityReport): Promise<ReportFigures> {
  const overview = report.cells.length > 0 ? [await draw(heatMap(report))] : [];
  const norms = new Map<NormTally, Figure[]>();
  for (const norm of report.norms) {
    const specs = [errorByOffset(norm, report), ratioByCase(norm, report)];
    norms.set(norm, await Promise.all(specs.filter((spec) => spec !== null).map(draw)));
  }
  return { overview, norms };
}
