/**
 * The comparisons of a suite, table by table, as its page and the findings both tell them.
 *
 * @module
 */
import { type Contrast, contrast } from "./contrast.ts";
import type { Measure } from "./measures.ts";
import type { Panel, SuiteModel, TrainReport } from "./model.ts";
import { contentOf } from "../questions/page_registry.ts";
import type { ContrastKind } from "../questions/page.ts";

/** A table of comparisons; the correction counts what stands in it. */
export interface TestedTable {
  readonly kind: ContrastKind;
  readonly panel: Panel;
  readonly contrasts: readonly Contrast[];
}

/** The tables of a suite, in the order in which its page has them; empty ones are left out. */
export function testedTables({ name, panels }: SuiteModel): TestedTable[] {
  return contentOf(name).contrasts.flatMap((kind) =>
    panels.map((panel) => ({
      kind,
      panel,
      contrasts: contrast(panel, kind.pairs(panel), kind.measure),
    }))
  ).filter(({ contrasts }) => contrasts.length > 0);
}

/** The tables that head a suite, one a panel. */
export function headTables(suite: SuiteModel): TestedTable[] {
  const [first] = contentOf(suite.name).contrasts;
  return testedTables(suite).filter(({ kind }) => kind === first);
}

/** What a suite compares by a measure; nothing where it was not run. */
export function testedIn({ suites }: TrainReport, name: string, measure: Measure): Contrast[] {
  return suites.filter((suite) => suite.name === name).flatMap(testedTables)
    .filter(({ kind }) => kind.measure === measure).flatMap(({ contrasts }) => contrasts);
}

/** Comparisons of a norm against another, or of any other norm where `norm` is left out. */
export function ofNorms(
  contrasts: readonly Contrast[],
  { norm, against }: { readonly norm?: string; readonly against: string },
): Contrast[] {
  return contrasts.filter((each) => {
    const [own, other] = [each.arm.description.model.norm, each.base.description.model.norm];
    return other === against && (norm === undefined ? own !== against : own === norm);
  });
}
