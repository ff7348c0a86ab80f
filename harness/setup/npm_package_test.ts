import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { fakeMachine } from "./machine_testing.ts";
import { fetchNpmPackage, TFJS_NODE } from "./npm_package.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";

async function downloadsWith(variables: Record<string, string>): Promise<string[]> {
  const machine = fakeMachine({ env: (name) => variables[name] });
  await inTemporaryFolder((dir) =>
    fetchNpmPackage(TFJS_NODE, join(dir, "package"), machine.context)
  );
  return machine.downloads;
}

const FILE = "@tensorflow/tfjs-node/-/tfjs-node-4.22.0.tgz sha512";

Deno.test("packages come from the npm registry or from the one of the environment, with a digest", async () => {
  assertEquals(await downloadsWith({}), [`https://registry.npmjs.org/${FILE}`]);
  const mirror = { NPM_CONFIG_REGISTRY: "https://mirror.example/npm/" };
  assertEquals(await downloadsWith(mirror), [`https://mirror.example/npm/${FILE}`]);
});
