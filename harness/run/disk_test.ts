import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { writingTo } from "./disk.ts";

const GO_ON = "--out results/train-1 --resume";

const failing = (error: unknown) => () =>
  writingTo("results/train-1", GO_ON, () => Promise.reject(error));

Deno.test("a full disk is missing space, and nothing that is recorded is lost", async () => {
  for (const code of ["ENOSPC", "EDQUOT"]) {
    const work = failing(Object.assign(new Error("No space left on device"), { code }));
    const error = await assertRejects(work, MissingError, "no space left in results/train-1");
    assertStringIncludes(error.remedy, GO_ON);
  }
});

Deno.test("a file that reaches the limit of its size names the limit", async () => {
  const work = failing(new Error("File too large (os error 27): writefile 'x'"));
  const error = await assertRejects(work, MissingError, "larger than this process may write");
  assertStringIncludes(error.remedy, `ulimit -f), then continue with ${GO_ON}`);
});

Deno.test("a folder that may not be written is named, with the remedy", async () => {
  const denied = new Deno.errors.PermissionDenied("Permission denied (os error 13)");
  const readOnly = Object.assign(new Error("Read-only file system"), { code: "EROFS" });
  for (const cause of [denied, readOnly]) {
    const error = await assertRejects(failing(cause), UsageError, "results/train-1 cannot be");
    assertStringIncludes(error.message, `Make it writable, then continue with ${GO_ON}`);
  }
});

Deno.test("results and other errors pass through", async () => {
  assertEquals(await writingTo("here", GO_ON, () => Promise.resolve(7)), 7);
  await assertRejects(failing(new RangeError("other")), RangeError, "other");
});
