/**
 * `deno doc --lint` for the library, but for records.
 *
 * The types of records follow from their schemas, which documentation calls a reference to a private type:
 * what stands in a `record.ts` may have one.
 *
 * @module
 */

const { stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--quiet", "--lint", ...Deno.args],
  env: { NO_COLOR: "1" },
}).output();

const complaints = new TextDecoder().decode(stderr).split(/\n(?=error)/)
  .filter((text) => text.includes("-->"))
  .filter((text) => !/error\[private-type-ref\][^]*?--> \S*record\.ts:/.test(text));

complaints.forEach((text) => console.error(text));
Deno.exit(complaints.length === 0 ? 0 : 1);
