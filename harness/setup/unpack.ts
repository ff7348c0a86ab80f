/**
 * Unpacking archives.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";
import type { SetupContext } from "./context.ts";

/**
 * Unpacks a `.tar.gz` into the folder `into`, leaving out its first `strip` folder levels.
 *
 * @throws {MissingError} Where `tar` is missing, or the archive is damaged.
 */
export async function unpack(
  archive: string,
  into: string,
  strip: number,
  context: SetupContext,
): Promise<void> {
  await Deno.mkdir(into, { recursive: true });
  const args = ["-xzf", archive, "-C", into, `--strip-components=${strip}`];
  const { code, stderr } = await context.run("tar", args);
  if (code === 0) return;
  throw new MissingError(
    `${archive} cannot be unpacked: ${stderr}`,
    code === 127 ? "install tar" : "run it again",
  );
}
