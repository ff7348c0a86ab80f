import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import { formatShard, parseShard, shardOf } from "./shard.ts";

const from = (variables: Record<string, string> = {}) => (name: string) => variables[name];

Deno.test("shards take every n-th trial, each trial once", () => {
  const trials = [..."abcdefgh"];
  const shards = [1, 2, 3].map((number) => shardOf(trials, { number, count: 3 }).join(""));
  assertEquals(shards, ["adg", "beh", "cf"]);
});

Deno.test("a shard is its number, from 1, and how many there are", () => {
  assertEquals(parseShard("2/8", from()), { number: 2, count: 8 });
  assertEquals(parseShard("1/1", from()), { number: 1, count: 1 });
  assertEquals(formatShard({ number: 2, count: 8 }), "2/8");
});

Deno.test("auto is the task of a SLURM array, whatever its first number", () => {
  const slurm = (ID: string, MIN: string, COUNT: string, STEP?: string) => {
    const task = new Map(Object.entries({ ID, MIN, COUNT, STEP }));
    return parseShard("auto", (name) => task.get(name.replace("SLURM_ARRAY_TASK_", "")));
  };
  assertEquals(slurm("0", "0", "8"), { number: 1, count: 8 });
  assertEquals(slurm("8", "1", "8"), { number: 8, count: 8 });
  assertEquals(slurm("14", "10", "3", "2"), { number: 3, count: 3 });
  // --array=1,4,9
  assertThrows(() => slurm("9", "1", "3"), UsageError, "gaps");
  assertThrows(() => slurm("11", "10", "3", "2"), UsageError, "gaps");
});

Deno.test("auto with a count is the pod of an indexed Kubernetes job", () => {
  const pod = from({ JOB_COMPLETION_INDEX: "0" });
  assertEquals(parseShard("auto/4", pod), { number: 1, count: 4 });
  assertThrows(() => parseShard("auto/0", pod), UsageError, "shard 1 of 0");
});

Deno.test("without a scheduler, auto says what it looked for and what to do", () => {
  const slurm = assertThrows(() => parseShard("auto", from()), UsageError);
  assertStringIncludes(slurm.message, "SLURM_ARRAY_TASK_ID");
  assertStringIncludes(slurm.message, "--shard auto/8");
  const kubernetes = assertThrows(() => parseShard("auto/8", from()), UsageError);
  assertStringIncludes(kubernetes.message, "JOB_COMPLETION_INDEX");
});

const WRONG = new Map([
  ["numbered from 1", ["0/3", "4/3", "-1/3", "1/0"]],
  ["as in --shard 2/8", ["", "2", "a/3", "1.5/3", "1/2/3"]],
]);

for (const [message, texts] of WRONG) {
  for (const text of texts) {
    Deno.test(`--shard "${text}" is refused: ${message}`, () => {
      assertThrows(() => parseShard(text, from()), UsageError, message);
    });
  }
}
