/**
 * `deno task test`: runs `deno test`, the files in several processes at once; the last lines say which
 * backends were not tested and how many tests passed.
 *
 * What is given on the command line goes to one `deno test`.
 *
 * @module
 */
import { shards, testFiles } from "./shards.ts";
import {
  addCounts,
  type BackendStatus,
  closingLine,
  ignoredLine,
  ignoredPrefixes,
  testCounts,
} from "./test_summary.ts";

/** One more than there are cores, since each waits now and then, and some end before others. */
const PROCESSES = Math.min(4, navigator.hardwareConcurrency + 1);

/** What `deno test` knows as options of its own; other words name files. */
const options = Deno.args.filter((argument) => argument.startsWith("-"));
const named = Deno.args.filter((argument) => !argument.startsWith("-"));
const groups = named.length > 0 || options.some((option) => !option.startsWith("--import-map"))
  ? [Deno.args]
  : shards([...testFiles(".")].sort(), PROCESSES).map((files) => [...options, ...files]);

// All start at once; each is shown as a whole, one after the other.
const runs = groups.map(start);
const results = [];
for (const run of runs) results.push(await show(run));

const ignored = [...new Set(results.flatMap(({ output }) => ignoredPrefixes(output)))];
const statuses = ignored.length === 0 ? [] : await inspectBackends();
for (const name of ignored) {
  const status = statuses.find((status) => status.name === name);
  // Other tests have names with a colon, too; where no backend can be asked, all are listed.
  if (status !== undefined || statuses.length === 0) console.log(ignoredLine(name, status));
}
console.log(closingLine(addCounts(results.map(({ output, code }) => testCounts(output, code)))));
Deno.exit(results.find(({ code }) => code !== 0)?.code ?? 0);

interface Run {
  readonly child: Deno.ChildProcess;
  /** What it has said so far, and will say. */
  readonly output: AsyncIterable<string>;
}

function start(args: readonly string[]): Run {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "--permission-set=test", ...args],
    stdout: "piped",
    // A child that writes to a pipe would colour its output all the same.
    ...(!Deno.stdout.isTerminal() && { env: { NO_COLOR: "1" } }),
  }).spawn();
  return { child, output: buffered(child.stdout) };
}

/** Reads a stream from now on, however late its text is asked for, so that its writer never waits. */
function buffered(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const { readable, writable } = new TransformStream<string, string>(
    undefined,
    undefined,
    { highWaterMark: Infinity },
  );
  stream.pipeThrough(new TextDecoderStream()).pipeTo(writable);
  return readable;
}

async function show({ child, output }: Run): Promise<{ output: string; code: number }> {
  let all = "";
  for await (const text of output) {
    all += text;
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  }
  const { code } = await child.status;
  return { output: all, code };
}

/** Asks a process that may do what the tests may; this one may only start others. */
async function inspectBackends(): Promise<BackendStatus[]> {
  const script = new URL("./backend_statuses.ts", import.meta.url).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--permission-set=test", script],
    stderr: "inherit",
  }).output();
  // Nothing, if a driver has brought it down: then that is on the terminal.
  return JSON.parse(new TextDecoder().decode(stdout) || "[]");
}
