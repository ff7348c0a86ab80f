import { assertEquals } from "@std/assert";
import { fakeMachine } from "./machine_testing.ts";
import { fromStock } from "./stock.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";

async function downloads(gpu: boolean, variables: Record<string, string> = {}): Promise<string[]> {
  const machine = fakeMachine({ env: (name) => variables[name] });
  await inTemporaryFolder(async (dir) => void await fromStock(dir, gpu, machine.context));
  return machine.downloads;
}

const LIBRARY = "tensorflow/libtensorflow/libtensorflow-";
const BINDING = "tf-builds/pre-built-binary/napi-v8/4.22.0/";

Deno.test("stock takes the library and the binding that the package's installer takes", async () => {
  const storage = "https://storage.googleapis.com/";
  assertEquals(await downloads(false), [
    `${storage}${LIBRARY}cpu-linux-x86_64-2.9.1.tar.gz storage's own digest`,
    `${storage}${BINDING}CPU-linux-4.22.0.tar.gz storage's own digest`,
  ]);
  assertEquals(await downloads(true), [
    `${storage}${LIBRARY}gpu-linux-x86_64-2.9.1.tar.gz storage's own digest`,
    `${storage}${BINDING}GPU-linux-4.22.0.tar.gz storage's own digest`,
  ]);
});

Deno.test("stock takes the mirror that the package's installer takes", async () => {
  const mirror = "https://mirror.example/";
  assertEquals(await downloads(false, { TFJS_NODE_CDN_STORAGE: mirror }), [
    `${mirror}${LIBRARY}cpu-linux-x86_64-2.9.1.tar.gz storage's own digest`,
    `${mirror}${BINDING}CPU-linux-4.22.0.tar.gz storage's own digest`,
  ]);
});
