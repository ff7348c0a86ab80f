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

Deno.test("a checkpoint is read as it was written, to the last bit", () =>
  inTemporaryFolder((folder) => {
    const file = new CheckpointFile(folder);
    file.write(CHECKPOINT);
    assertEquals(file.read(CHECKPOINT.trial), CHECKPOINT);
    assertEquals([...Deno.readDirSync(folder)].length, 1, "nothing beside it");
  }));

Deno.test("a checkpoint replaces the one before", () =>
  inTemporaryFolder((folder) => {
    const file = new CheckpointFile(folder);
    file.write(CHECKPOINT);
    file.write({ ...CHECKPOINT, epoch: 4 });
    assertEquals(file.read(CHECKPOINT.trial)?.epoch, 4);
  }));

Deno.test("views of a larger buffer are written as what they show", () =>
  inTemporaryFolder((folder) => {
    const file = new CheckpointFile(folder);
    const view = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    file.write({ ...CHECKPOINT, weights: [view] });
    assertEquals(file.read(CHECKPOINT.trial)?.weights, [Float32Array.of(2, 3)]);
  }));

Deno.test("no checkpoint, and that of another trial, are none", () =>
  inTemporaryFolder((folder) => {
    const file = new CheckpointFile(folder);
    assertEquals(file.read("a"), undefined);
    file.write(CHECKPOINT);
    assertEquals(file.read("a"), undefined);
    file.remove();
    file.remove();
    assertEquals(file.read(CHECKPOINT.trial), undefined);
  }));

Deno.test("a checkpoint that is cut short is none", () =>
  inTemporaryFolder((folder) => {
    const file = new CheckpointFile(folder);
    file.write(CHECKPOINT);
    const path = join(folder, "checkpoint.bin");
    const { length } = Deno.readFileSync(path);
    for (const left of [0, 10, length - 1]) {
      Deno.truncateSync(path, left);
      assertEquals(file.read(CHECKPOINT.trial), undefined, `${left} bytes`);
      file.write(CHECKPOINT);
    }
  }));
