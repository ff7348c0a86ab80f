/**
 * What the page of a suite holds beside what every page has.
 *
 * @module
 */
import type { FigureSpec } from "../../../reports/figure_style.ts";
import type { Column } from "../report/columns.ts";
import type { Pair } from "../report/contrast.ts";
import type { Measure } from "../report/measures.ts";
import type { Panel } from "../report/model.ts";

/** A table of comparisons of one panel. */
export interface ContrastKind {
  readonly heading: string;
  readonly measure: Measure;
  pairs(panel: Panel): Pair[];
}

/** A suite as its page shows it. */
export interface SuiteContent {
  readonly title: string;
  readonly question: string;
  /** The columns of its tables of results. */
  readonly tables: readonly (readonly Column[])[];
  /** The first kind heads the page. */
  readonly contrasts: readonly ContrastKind[];
  /** What its answer does not reach. */
  readonly limits: readonly string[];
  /** Figures of the panels of one site; `name` makes names of files. */
  figures(panels: readonly Panel[], name: (figure: string) => string): (FigureSpec | null)[];
}
