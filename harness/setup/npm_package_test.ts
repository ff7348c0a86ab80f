import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { fakeMachine } from "./machine_testing.ts";
import { fetchNpmPackage, TFJS_NODE } from "./npm_package.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";

/** The address that the package is asked for at, where the environment holds `variables`. */
async function addressWith(variables: Record<string, string>): Promise<string> {
  const asked: string[] = [];
  const machine = fakeMachine({ env: (name) => variables[name] });
  const download: typeof machine.context.download = (url, path, digest) => {
    asked.push(`${url} ${digest?.algorithm}`);
    return machine.context.download(url, path, digest);
  };
  await inTemporaryFolder((dir) =>
    fetchNpmPackage(TFJS_NODE, join(dir, "package"), { ...machine.context, download })
  );
  return asked.join();
}

Deno.test("packages come from the npm registry, with a digest", async () => {
  assertEquals(
    await addressWith({}),
    "https://registry.npmjs.org/@tensorflow/tfjs-node/-/tfjs-node-4.22.0.tgz sha512",
  );
});

Deno.test("packages come from the registry that the environment names", async () => {
  assertEquals(
    await addressWith({ NPM_CONFIG_REGISTRY: "https://mirror.example/npm/" }),
    "https://mirror.example/npm/@tensorflow/tfjs-node/-/tfjs-node-4.22.0.tgz sha512",
  );
});
