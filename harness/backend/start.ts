/**
 * Starting a tfjs backend, and making sure that it is the one that computes.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import { importSystemModule } from "../run/runtime.ts";

/**
 * Makes `name` the active tfjs backend and adds two numbers on it.
 *
 * tfjs reports a backend that does not start only on the console, and then computes on another; so
 * its text is caught here and thrown. Its advertisements are caught, too.
 *
 * @throws {Error} If the backend does not start or does not compute, with what tfjs said about it.
 */
export async function startTfjsBackend(name: string): Promise<void> {
  const said: string[] = [];
  const restore = catchConsole(said);
  try {
    const started = await tf.setBackend(name);
    if (!started || tf.getBackend() !== name) {
      // The first line that says why, and not only that, it does not start; without its stack.
      const cause = said.find((text) => !text.startsWith("Initialization of backend"));
      throw new Error(cause?.split("\n")[0] ?? `tfjs does not start its backend ${name}`);
    }
    const sum = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 3));
    const values = Array.from(await sum.data());
    sum.dispose();
    if (values.join() !== "4,5") {
      throw new Error(`the tfjs backend ${name} computes [1, 2] + 3 = [${values}]`);
    }
  } finally {
    restore();
  }
}

/** Model of the processor; `unknown` where it may not be asked for, as in a browser. */
export async function processor(): Promise<string> {
  try {
    const path = "harness/run/machine.ts";
    const { processorModel } = await importSystemModule<typeof import("../run/machine.ts")>(path);
    return await processorModel();
  } catch {
    return "unknown";
  }
}

/**
 * Collects warnings and errors in `said` until the function that it returns is called.
 *
 * Code that keeps the caught console for later (Emscripten does) prints as usual from then on.
 */
function catchConsole(said: string[]): () => void {
  const { warn, error } = console;
  let catching = true;
  const divert = (print: typeof warn) => (...words: unknown[]) =>
    catching ? void said.push(words.join(" ").trim()) : print(...words);
  console.warn = divert(warn);
  console.error = divert(error);
  return () => {
    catching = false;
    Object.assign(console, { warn, error });
  };
}
