/**
 * Where in a program an operation was called.
 *
 * @module
 */

/** How many calls deep a place is looked for: the program's line lies below many of TensorFlow.js. */
export const DEPTH = 100;

/** The line of the program that calls an operation; found when it is asked for, as that takes long. */
export class Place {
  readonly #trace = new Error();

  /** As traces write it. */
  toString(): string {
    const frames = (this.#trace.stack ?? "").split("\n").slice(1);
    const [first] = frames.filter((frame) => !NOT_OF_THE_PROGRAM.test(frame) && !isOwn(frame));
    return first?.trim().replace(/^at (async )?/, "") ?? "a line that is not known";
  }
}

const NOT_OF_THE_PROGRAM =
  /@tensorflow[+/]|\/package\/dist\/|<anonymous>|\/raw_operations\.ts|node:|ext:/;

function isOwn(frame: string): boolean {
  return frame.includes(OWN_FOLDER);
}

const OWN_FOLDER = new URL(".", import.meta.url).href;
