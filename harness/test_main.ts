/**
 * `deno task test`: runs `deno test` and closes with a line that says how it went.
 *
 * @module
 */
import { closingLine, testCounts } from "./test_summary.ts";

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

// A run that never came to its tests has failed, and must not look like one that had none.
const counts = testCounts(output) ?? { passed: 0, failed: 1, skipped: 0 };
console.log(closingLine(counts));
Deno.exit(code);
