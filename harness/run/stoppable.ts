/**
 * Long work that the user may stop and go on with later.
 *
 * @module
 */

/** What shells expect of a program that Ctrl-C ended: 128 and the number of the signal. */
const INTERRUPTED = 130;

/** Does work that Ctrl-C ends, with a word on where its records are and how to go on. */
export async function stoppable(
  folder: string,
  goOn: string,
  work: () => Promise<void>,
): Promise<void> {
  const interrupt = () => {
    console.error(`\nInterrupted. The records are in ${folder}; add ${goOn} to go on.`);
    Deno.exit(INTERRUPTED);
  };
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    await work();
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
