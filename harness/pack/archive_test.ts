import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { EXTENSIONS, hasXz, writeArchive } from "./archive.ts";
import type { PackedFile } from "./manifest.ts";

const XZ = await hasXz();

const bytes = (text: string) => new TextEncoder().encode(text);

for (const compression of ["gzip", "xz"] as const) {
  Deno.test(`${compression}: equal files give equal archives, which tar unpacks`, {
    ignore: compression === "xz" && !XZ,
  }, () =>
    inTemporaryFolder(async (folder) => {
      const archives: Uint8Array[] = [];
      for (const name of ["first", "second"]) {
        const source = join(folder, name);
        await Deno.writeTextFile(source, "from a file");
        const files: PackedFile[] = [
          { path: "a/start", content: bytes("#!/bin/sh\necho started\n"), isProgram: true },
          { path: "b", content: { source } },
        ];
        const archive = join(folder, name + EXTENSIONS[compression]);
        await writeArchive(archive, "pack", files, compression);
        archives.push(await Deno.readFile(archive));
      }
      assertEquals(archives[0], archives[1]);

      const archive = join(folder, `first${EXTENSIONS[compression]}`);
      const { success } = await new Deno.Command("tar", { args: ["-xf", archive], cwd: folder })
        .output();
      assert(success);
      assertEquals(await Deno.readTextFile(join(folder, "pack", "b")), "from a file");
      const { stdout } = await new Deno.Command(join(folder, "pack", "a", "start")).output();
      assertEquals(new TextDecoder().decode(stdout), "started\n");
    }));
}

Deno.test("an archive that cannot be written is a missing place, and leaves nothing", () =>
  inTemporaryFolder(async (folder) => {
    const files = [{ path: "a", content: bytes("a") }];
    await assertRejects(
      () => writeArchive(join(folder, "none", "a.tar.gz"), "pack", files, "gzip"),
      MissingError,
      "cannot be written",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("an archive that is cut off leaves the former one whole, and nothing beside it", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.tar.gz");
    const write = (files: PackedFile[]) => writeArchive(path, "pack", files, "gzip");
    await write([{ path: "a", content: bytes("a") }]);
    const former = await Deno.readFile(path);
    const gone = { path: "b", content: { source: join(folder, "none") } };
    await assertRejects(() => write([{ path: "a", content: bytes("other") }, gone]));
    assertEquals(await Deno.readFile(path), former);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.tar.gz"]);
  }));
