/**
 * Reports from records.
 *
 * @module
 */
export {
  type Figure,
  type RenderedReport,
  renderParity,
  type ReportPaths,
  summaryTable,
  writeReport,
} from "./render.ts";
