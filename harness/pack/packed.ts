/**
 * The program in a pack: runs the task that its first argument names.
 *
 * It is bundled into one file, which lies in `lib/` beside the files that Normbench reads.
 *
 * @module
 */
import { runTask } from "../run/task.ts";
import { setInstallation } from "../run/runtime.ts";
import { MANIFEST, type Manifest } from "./manifest.ts";
import { PACKED_TASKS } from "./tasks.ts";

const root = new URL("./", import.meta.url);

setInstallation({
  root,
  // Bundlers follow these imports, but not those of `importSystemModule`.
  modules: {
    "harness/backend/tensorflow/load.ts": () => import("../backend/tensorflow/load.ts"),
    "harness/backend/webgpu/driver_environment.ts": () =>
      import("../backend/webgpu/driver_environment.ts"),
    "harness/run/machine.ts": async () => ({
      ...await import("../run/machine.ts"),
      // Git would name the commit of whatever checkout the pack was unpacked in.
      commit: packedCommit,
    }),
  },
});

// The wasm package is CommonJS, and looks there for its wasm files.
Object.assign(globalThis, { __dirname: import.meta.dirname });

const [name, ...args] = Deno.args;
const task = PACKED_TASKS.find((task) => task.name === name)!;
Deno.exit(await runTask(task, args, "./normbench"));

async function packedCommit(): Promise<string | null> {
  const text = await Deno.readTextFile(new URL(`../${MANIFEST}`, root));
  return (JSON.parse(text) as Manifest).commit;
}
