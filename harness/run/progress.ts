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
  /** How many steps there are in all, where that is an estimate that changes. */
  expect(total: number): void;
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
    format: `{label} {bar} ${counter}{left}  {step}`,
    noTTYOutput: true,
    notTTYSchedule: LINE_EVERY,
    clearOnComplete: true,
    hideCursor: true,
  }, cliProgress.Presets.shades_classic);
  const start = performance.now();
  let [done, expected] = [0, total];
  bar.start(total, 0, { label, step: "", left: "" });
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
    stop: () => bar.stop(),
  };
}

/** Milliseconds as they are read on a clock: `45s`, `2m 05s`, `1h 20m`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  if (minutes === 0) return `${seconds}s`;
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}
