/**
 * Reports from records.
 *
 * @module
 */
export {
  type Figure,
  type RenderedPage,
  type RenderedReport,
  renderReport,
  type ReportPaths,
  summarize,
  writeReport,
} from "./render.ts";
