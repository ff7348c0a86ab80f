/**
 * Running modules of the checkout as its tasks do, for tests.
 *
 * @module
 */

/** The flag that every task asks for, in the checkout `root`: none where @std comes from its registry. */
export async function importMapFlag(root: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=std", "harness/std/import_map.ts"],
    cwd: root,
  }).output();
  const flag = new TextDecoder().decode(stdout).trim();
  return flag === "" ? [] : [flag];
}
