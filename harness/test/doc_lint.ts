/**
 * `deno doc --lint` for the library, except for records: their types follow from values, which the
 * linter calls a reference to a private type.
 *
 * @module
 */

const { stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--quiet", "--lint", ...Deno.args],
  env: { NO_COLOR: "1" },
}).output();

const complaints = new TextDecoder().decode(stderr).split(/\n(?=error)/)
  .filter((text) => text.includes("-->"))
  .filter((text) =>
    !/error\[private-type-ref\][^]*?--> \S*(record|tasks|verdict|diagnosis)\.ts:/.test(text)
  );

complaints.forEach((text) => console.error(text));
Deno.exit(complaints.length === 0 ? 0 : 1);
