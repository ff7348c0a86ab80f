/**
 * Letting others work: timers, progress, signals.
 *
 * @module
 */

/** Milliseconds that work without pause may keep the event loop. */
const LONGEST = 100;

let last = performance.now();

/**
 * Waits for one turn of the event loop if the last one was a while ago.
 *
 * Without it, work that never waits, as on backends that compute synchronously, blocks timers and Ctrl-C.
 * Call it after every piece of such work, outside of what is timed.
 */
export async function breathe(): Promise<void> {
  if (performance.now() - last < LONGEST) return;
  await new Promise((resolve) => setTimeout(resolve));
  last = performance.now();
}
