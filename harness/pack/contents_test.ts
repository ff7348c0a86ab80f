import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { writeManifest } from "../backend/tensorflow/manifest.ts";
import { anyManifest } from "../backend/tensorflow/manifest_testing.ts";
import { tinyCifar10, tinyFashionMnist, writeFiles } from "../data/dataset_testing.ts";
import { loadCifar10 } from "../data/cifar10.ts";
import { loadFashionMnist } from "../data/fashion_mnist.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { datasetFiles, platformOf, tensorflowFiles } from "./contents.ts";
import type { PackedFile } from "./manifest.ts";

/** Writes packed files into a folder, as unpacking an archive does. */
async function unpackInto(folder: string, files: readonly PackedFile[]): Promise<void> {
  const contents = files.map(({ path, content }) => {
    assert(content instanceof Uint8Array);
    return [path, new Uint8Array(content)] as const;
  });
  await writeFiles(folder, new Map(contents));
}

Deno.test("a packed Fashion-MNIST is found again, with the same images", () =>
  inTemporaryFolder(async (folder) => {
    const { dataset, files } = tinyFashionMnist("http://127.0.0.1:9/");
    const [before, after] = [join(folder, "before"), join(folder, "after")];
    await writeFiles(before, files);
    await unpackInto(after, await datasetFiles(dataset, "", { dataDir: before }));
    assertEquals(
      await loadFashionMnist({ dataDir: join(after, "datasets") }, dataset),
      await loadFashionMnist({ dataDir: before }, dataset),
    );
  }));

Deno.test("a packed CIFAR-10 is found again, with the same images", () =>
  inTemporaryFolder(async (folder) => {
    const { dataset, layouts } = await tinyCifar10();
    const [before, after] = [join(folder, "before"), join(folder, "after")];
    await writeFiles(before, layouts["python archive"]);
    await unpackInto(after, await datasetFiles(dataset, ".bin", { dataDir: before }));
    assertEquals(
      await loadCifar10({ dataDir: join(after, "datasets") }, dataset),
      await loadCifar10({ dataDir: before }, dataset),
    );
  }));

Deno.test("the platform of a program is read from its first bytes", () =>
  inTemporaryFolder((folder) => {
    const program = join(folder, "deno");
    const platform = (...start: number[]) => {
      const bytes = new Uint8Array(64);
      bytes.set(start);
      Deno.writeFileSync(program, bytes);
      return platformOf(program);
    };
    const elf = [0x7f, 0x45, 0x4c, 0x46, ...new Array<number>(14).fill(0)];
    assertEquals(platform(...elf, 62), "linux x86_64");
    assertEquals(platform(...elf, 183), "linux aarch64");
    assertEquals(platform(0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1), "darwin aarch64");
    assertThrows(() => platform(...elf, 8), UsageError, "is not a Deno for Linux or macOS");
    assertThrows(() => platform(0x23, 0x21), UsageError, "is not a Deno");
    assertThrows(() => platformOf(join(folder, "none")), UsageError, "cannot be read");
    assertEquals(platformOf(Deno.execPath()), `${Deno.build.os} ${Deno.build.arch}`);
  }));

Deno.test("a native TensorFlow whose libraries lie elsewhere is not packed", () =>
  inTemporaryFolder(async (folder) => {
    await assertRejects(() => tensorflowFiles(folder), MissingError, "not set up");
    const files = [{ path: "/opt/tensorflow/libtensorflow_cc.so.2", size: 1, sha256: "" }];
    await writeManifest(folder, { ...anyManifest(), files });
    await assertRejects(() => tensorflowFiles(folder), MissingError, "/opt/tensorflow");
  }));
