/**
 * Progress of long work on standard error, with an estimate of what is left.
 *
 * @module
 */
import cliProgress from "npm:cli-progress@3.12.0";
import process from "node:process";

/** Milliseconds between the lines that stand for the bar where there is no terminal. */
const LINE_EVERY = 5000;

/** Work that is under way. */
export interface Progress {
  /** One step is done; `next` names what comes after it. */
  step(next: string): void;
  /** The work is done or given up. */
  stop(): void;
}

/** Shows `total` steps of `label`: a bar on a terminal, a line now and then elsewhere. */
export function showProgress(label: string, total: number): Progress {
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: "{label} {bar} {value}/{total}, {eta_formatted} left  {step}",
    noTTYOutput: true,
    notTTYSchedule: LINE_EVERY,
    clearOnComplete: true,
    hideCursor: true,
  }, cliProgress.Presets.shades_classic);
  bar.start(total, 0, { label, step: "" });
  return {
    step: (next) => bar.increment(1, { step: next }),
    stop: () => bar.stop(),
  };
}
