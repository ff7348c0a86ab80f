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
  /** One step is done, or `amount` of them; `next` names what comes after. */
  step(next: string, amount?: number): void;
  /** The work is done or given up. */
  stop(): void;
}

/**
 * Shows `total` steps of `label`: a bar on a terminal, a line now and then elsewhere.
 *
 * @param counter How far it is, in the words of cli-progress.
 */
export function showProgress(
  label: string,
  total: number,
  counter = "{value}/{total}",
): Progress {
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `{label} {bar} ${counter}, {eta_formatted} left  {step}`,
    noTTYOutput: true,
    notTTYSchedule: LINE_EVERY,
    clearOnComplete: true,
    hideCursor: true,
  }, cliProgress.Presets.shades_classic);
  bar.start(total, 0, { label, step: "" });
  return {
    step: (next, amount = 1) => bar.increment(amount, { step: next }),
    stop: () => bar.stop(),
  };
}
