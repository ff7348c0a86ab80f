/**
 * Choosing what to set up: for which device, and from which source.
 *
 * @module
 */
import type { SetupContext } from "./context.ts";

/** Where libtensorflow can come from by itself. */
export const SOURCES = ["pip", "stock"] as const;

/** One of {@linkcode SOURCES}. */
export type Source = typeof SOURCES[number];

/** What the libraries are chosen for. */
export type Device = "cpu" | "gpu";

/** The device to set up for: the one asked for, else the GPU where an NVIDIA driver answers. */
export async function chooseDevice(
  asked: Device | undefined,
  context: SetupContext,
): Promise<Device> {
  return asked ?? (await nvidiaDriverAnswers(context) ? "gpu" : "cpu");
}

async function nvidiaDriverAnswers(context: SetupContext): Promise<boolean> {
  const { code, stdout } = await context.run("nvidia-smi", ["--list-gpus"]);
  return code === 0 && /^GPU \d+:/m.test(stdout);
}

/**
 * The sources to try, best first. The wheels of `pip` come first: they are of today, and run on
 * today's graphics cards; the package's `stock` libraries are years older, but need neither Python
 * nor a compiler.
 */
export function sourcesToTry(asked: Source | undefined): readonly Source[] {
  return asked === undefined ? SOURCES : [asked];
}
