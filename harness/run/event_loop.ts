/**
 * The event loop, for work that never waits; progress.ts, which needs a terminal, is not for browsers.
 *
 * @module
 */

/**
 * Waits for one turn of the event loop.
 *
 * Work that never waits, as on backends that compute in place, keeps timers and Ctrl-C from being heard.
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
