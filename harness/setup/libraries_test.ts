import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { MissingError } from "../../norms/basics/errors.ts";
import { findLibraries } from "./libraries.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { writeFiles } from "./machine_testing.ts";

const HEADER = "include/tensorflow/c/eager/c_api.h";

Deno.test("the libraries of a wheel are found from site-packages and from tensorflow", () =>
  inTemporaryFolder(async (root) => {
    const files = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2", HEADER];
    await writeFiles(root, files.map((file) => join("tensorflow", file)));
    const dir = join(root, "tensorflow");
    const expected = { dir, names: files.slice(0, 2), include: join(dir, "include") };
    assertEquals(await findLibraries(root), expected);
    assertEquals(await findLibraries(dir), expected);
  }));

Deno.test("the libraries of the archive for C are found", () =>
  inTemporaryFolder(async (root) => {
    const files = ["lib/libtensorflow.so.2", "lib/libtensorflow_framework.so.2", HEADER];
    await writeFiles(root, files);
    const { dir, names, include } = await findLibraries(root);
    assertEquals(dir, join(root, "lib"));
    assertEquals(names, ["libtensorflow.so.2", "libtensorflow_framework.so.2"]);
    assertEquals(include, join(root, "include"));
  }));

Deno.test("libraries without headers, and an empty folder, are refused", () =>
  inTemporaryFolder(async (root) => {
    await assertRejects(() => findLibraries(root), MissingError, "does not hold TensorFlow");
    await writeFiles(root, ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]);
    await assertRejects(() => findLibraries(root), MissingError, "does not hold TensorFlow");
  }));
