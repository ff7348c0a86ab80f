import { assertEquals } from "@std/assert";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { shards, testFiles } from "./shards.ts";

Deno.test("test files are found in folders, not in those that are hidden or installed", () =>
  inTemporaryFolder(async (folder) => {
    for (const path of ["a/b", "node_modules/c", ".git"]) {
      await Deno.mkdir(`${folder}/${path}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}/x_test.ts`, "");
      await Deno.writeTextFile(`${folder}/${path}/x.ts`, "");
    }
    assertEquals([...testFiles(folder)], [`${folder}/a/b/x_test.ts`]);
  }));

Deno.test("every file is in one shard, neighbours in different ones", () => {
  assertEquals(shards(["a", "b", "c", "d", "e"], 2), [["a", "c", "e"], ["b", "d"]]);
  assertEquals(shards(["a"], 4), [["a"]]);
});
