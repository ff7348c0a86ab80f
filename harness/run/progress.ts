/**
 * Progress of long work on standard error, with an estimate of what is left.
 *
 * @module
 */
import cliProgress from "npm:cli-progress@3.12.0";
import process from "node:process";

/** Milliseconds between the lines that replace the bar where there is no terminal. */
const LINE_EVERY = 5000;

/** Progress of running work. */
export interface Progress {
  /** Changes the total number of steps, where it was an estimate. */
  expect(total: number): void;
  /** One step is done, or `amount` of them; `next` is the title of the next one. */
  step(next: string, amount?: number): void;
  /** The work has ended. */
  stop(): void;
}

/** The bar on the terminal; one piece of work runs at a time. */
let shown: cliProgress.SingleBar | undefined;

/** Clears what is shown of work that will not go on. */
export function clearProgress(): void {
  shown?.stop();
}

/**
 * Shows `total` steps of `label`: a bar on a terminal, a line every few seconds elsewhere.
 *
 * @param counter Format of the count, as in cli-progress.
 */
export function showProgress(
  label: string,
  total: number,
  counter = "{value}/{total}",
): Progress {
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `{label} {bar} ${counter}{left}  {step}`,
    noTTYOutput: true,
    notTTYSchedule: LINE_EVERY,
    clearOnComplete: true,
    hideCursor: true,
    // Its own listener would keep a second signal from ending the process at once.
    gracefulExit: false,
  }, cliProgress.Presets.shades_classic);
  const start = performance.now();
  let [done, expected] = [0, total];
  bar.start(total, 0, { label, step: "", left: "" });
  shown = bar;
  return {
    expect: (total) => {
      expected = total;
      bar.setTotal(total);
    },
    step: (next, amount = 1) => {
      done += amount;
      const left = (expected - done) / done * (performance.now() - start);
      const known = done > 0 && Number.isFinite(left);
      bar.increment(amount, { step: next, left: known ? `, ${formatDuration(left)} left` : "" });
    },
    stop: () => {
      bar.stop();
      shown = undefined;
    },
  };
}

/** Formats milliseconds: `45s`, `2m 05s`, `1h 20m`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  if (minutes === 0) return `${seconds}s`;
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}
