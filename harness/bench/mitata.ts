/**
 * The one door through which mitata enters.
 *
 * @module
 */
export {
  bench,
  boxplot,
  compact,
  do_not_optimize,
  group,
  measure,
  run,
  summary,
} from "npm:mitata@1.0.34";
