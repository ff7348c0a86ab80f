import { assert } from "@std/assert";
import { join } from "node:path";

Deno.test("the permissions of the setup task are enough to look for free space", async () => {
  const root = join(import.meta.dirname!, "../..");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "-P=setup", "harness/setup/permissions.fixture.ts"],
    cwd: root,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assert(Number(new TextDecoder().decode(stdout)) > 0);
});
