/**
 * Running other programs, in a form that tests can replace.
 *
 * @module
 */

/** How a program ended. */
export interface CommandResult {
  /** Exit status; 127 where there is no such program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface CommandOptions {
  /** Variables to set on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the user sees what it prints, instead of the caller. */
  readonly show?: boolean;
}

/** Runs one program to its end. */
export type RunCommand = (
  program: string,
  args: readonly string[],
  options?: CommandOptions,
) => Promise<CommandResult>;

/**
 * Runs programs of this machine.
 *
 * @param signal Kills the program that is running and makes its caller throw.
 */
export function commandRunner(signal: AbortSignal): RunCommand {
  return async (program, args, { env = {}, show = false } = {}) => {
    const output = show ? "inherit" : "piped";
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program, {
        args: [...args],
        env: { ...env },
        stdin: "null",
        stdout: output,
        stderr: output,
        signal,
      }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return { code: 127, stdout: "", stderr: `${program}: not found` };
    }
    const [{ code }, stdout, stderr] = await Promise.all([
      child.status,
      show ? "" : new Response(child.stdout).text(),
      show ? "" : new Response(child.stderr).text(),
    ]);
    signal.throwIfAborted();
    return { code, stdout: stdout.trim(), stderr: stderr.trim() };
  };
}

/** The first of several programs that answers `args` with success; `undefined` where none does. */
export async function firstThatAnswers(
  programs: readonly string[],
  args: readonly string[],
  run: RunCommand,
): Promise<string | undefined> {
  for (const program of programs) {
    if ((await run(program, args)).code === 0) return program;
  }
  return undefined;
}
