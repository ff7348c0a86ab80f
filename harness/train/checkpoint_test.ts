import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { type Checkpoint, CheckpointFile } from "./checkpoint.ts";

const CHECKPOINT: Checkpoint = {
  trial: "placement/mlp/pre/0",
  epoch: 3,
  losses: [2.3025, 1 / 3],
  speeds: [1234.5, 1300],
  weights: [Float32Array.of(1, -0.1, 1e-30), Float32Array.of(), Float32Array.of(7)],
  optimizer: { step: 12, moments: [Float32Array.of(1, 2), Float32Array.of(3, 4)] },
};

function testFile(name: string, use: (file: CheckpointFile, folder: string) => void): void {
  Deno.test(name, () => inTemporaryFolder((folder) => use(new CheckpointFile(folder), folder)));
}

testFile("a checkpoint is read as it was written, to the last bit", (file, folder) => {
  file.write(CHECKPOINT);
  assertEquals(file.read(CHECKPOINT.trial), CHECKPOINT);
  assertEquals([...Deno.readDirSync(folder)].length, 1, "nothing beside it");
});

testFile("a checkpoint replaces the one before", (file) => {
  file.write(CHECKPOINT);
  file.write({ ...CHECKPOINT, epoch: 4 });
  assertEquals(file.read(CHECKPOINT.trial)?.epoch, 4);
});

testFile("views of a larger buffer are written as what they show", (file) => {
  const view = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  file.write({ ...CHECKPOINT, weights: [view] });
  assertEquals(file.read(CHECKPOINT.trial)?.weights, [Float32Array.of(2, 3)]);
});

testFile("no checkpoint, and that of another trial, are none", (file) => {
  assertEquals(file.read("a"), undefined);
  file.write(CHECKPOINT);
  assertEquals(file.read("a"), undefined);
  file.remove();
  file.remove();
  assertEquals(file.read(CHECKPOINT.trial), undefined);
});

testFile("a checkpoint that is cut short is none", (file, folder) => {
  file.write(CHECKPOINT);
  const path = join(folder, "checkpoint.bin");
  const { length } = Deno.readFileSync(path);
  for (const left of [0, 10, length - 1]) {
    Deno.truncateSync(path, left);
    assertEquals(file.read(CHECKPOINT.trial), undefined, `${left} bytes`);
    file.write(CHECKPOINT);
  }
});
