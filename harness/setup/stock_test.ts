import { assertEquals } from "@std/assert";
import { fakeMachine } from "./machine_testing.ts";
import { fromStock } from "./stock.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";

/** The addresses of what the source fetches, where the environment holds `variables`. */
async function addresses(gpu: boolean, variables: Record<string, string> = {}): Promise<string[]> {
  const asked: string[] = [];
  const machine = fakeMachine({ env: (name) => variables[name] });
  const download: typeof machine.context.download = (url, path, digest) => {
    asked.push(url);
    return machine.context.download(url, path, digest);
  };
  await inTemporaryFolder(async (dir) => {
    await fromStock(dir, gpu, { ...machine.context, download });
  });
  return asked;
}

const LIBRARY = "tensorflow/libtensorflow/libtensorflow-";
const BINDING = "tf-builds/pre-built-binary/napi-v8/4.22.0/";

Deno.test("stock takes the library and the binding that the package's installer takes", async () => {
  const storage = "https://storage.googleapis.com/";
  assertEquals(await addresses(false), [
    `${storage}${LIBRARY}cpu-linux-x86_64-2.9.1.tar.gz`,
    `${storage}${BINDING}CPU-linux-4.22.0.tar.gz`,
  ]);
  assertEquals(await addresses(true), [
    `${storage}${LIBRARY}gpu-linux-x86_64-2.9.1.tar.gz`,
    `${storage}${BINDING}GPU-linux-4.22.0.tar.gz`,
  ]);
});

Deno.test("stock takes the mirror that the package's installer takes", async () => {
  const mirror = "https://mirror.example/";
  assertEquals(await addresses(false, { TFJS_NODE_CDN_STORAGE: mirror }), [
    `${mirror}${LIBRARY}cpu-linux-x86_64-2.9.1.tar.gz`,
    `${mirror}${BINDING}CPU-linux-4.22.0.tar.gz`,
  ]);
});
