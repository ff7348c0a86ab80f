/**
 * The environment in which graphics drivers start.
 *
 * @module
 */

/** Variables by operating system. */
const VARIABLES: Partial<Record<typeof Deno.build.os, Record<string, string>>> = {
  linux: {
    // Drivers look there for a window system, and complain on the terminal where it is unset, as in
    // containers. A folder without one is fine.
    XDG_RUNTIME_DIR: "/",
    // Otherwise Deno loads OpenGL as well. When the process ends, libEGL frees what ending threads
    // free, too; then glibc aborts a program that has done its work.
    DENO_WEBGPU_BACKEND: "vulkan",
  },
};

/**
 * Sets the variables that are not set, until the function that it returns is called. Those that may
 * not be set stay unset: drivers start without them, too.
 */
export async function provideEnvironment(): Promise<() => void> {
  const provided: string[] = [];
  for (const [variable, value] of Object.entries(VARIABLES[Deno.build.os] ?? {})) {
    const { state } = await Deno.permissions.query({ name: "env", variable });
    if (state !== "granted" || Deno.env.has(variable)) continue;
    Deno.env.set(variable, value);
    provided.push(variable);
  }
  return () => provided.forEach((variable) => Deno.env.delete(variable));
}
