/**
 * `deno task test`: runs `deno test`; its last lines say which backends were not tested and how many tests
 * passed.
 *
 * @module
 */
import {
  type BackendStatus,
  closingLine,
  ignoredLine,
  ignoredPrefixes,
  testCounts,
} from "./test_summary.ts";

const child = new Deno.Command(Deno.execPath(), {
  args: ["test", "--quiet", "--permission-set=test", ...Deno.args],
  stdout: "piped",
  // What is piped looks like no terminal to the child, which would colour it all the same.
  ...(!Deno.stdout.isTerminal() && { env: { NO_COLOR: "1" } }),
}).spawn();

let output = "";
for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
  output += text;
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
const { code } = await child.status;

const ignored = ignoredPrefixes(output);
const statuses = ignored.length === 0 ? [] : await inspectBackends();
for (const name of ignored) {
  const status = statuses.find((status) => status.name === name);
  // Other tests have names with a colon, too; where no backend can be asked, all are listed.
  if (status !== undefined || statuses.length === 0) console.log(ignoredLine(name, status));
}
console.log(closingLine(testCounts(output, code)));
Deno.exit(code);

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
