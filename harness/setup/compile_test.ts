import { assertEquals, assertRejects } from "@std/assert";
import { basename, join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { kernelSources } from "../backend/tensorflow/manifest.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { localSources } from "./compile.ts";

Deno.test("every source of the kernels is compiled and counts in their digest", () => {
  const folder = new URL("./", kernelSources()[0]);
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  assertEquals(kernelSources().map(({ pathname }) => basename(pathname)), names.sort());
});

Deno.test("sources on a disk are taken where they are, those of a server are copied", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) =>
      request.url.endsWith("/b.cc")
        ? new Response("int b;")
        : new Response("not found", { status: 404 }),
  );
  const url = (name: string) => new URL(`http://127.0.0.1:${server.addr.port}/${name}`);
  await inTemporaryFolder(async (folder) => {
    const copies = join(folder, "copies");
    const paths = await localSources([new URL("file:///a.cc"), url("b.cc")], copies);
    assertEquals(paths, ["/a.cc", join(copies, "b.cc")]);
    assertEquals(await Deno.readTextFile(paths[1]!), "int b;");
    await assertRejects(() => localSources([url("c.cc")], copies), MissingError, "404");
  });
});
