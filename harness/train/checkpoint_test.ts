import { assertEquals, assertStringIncludes } from "@std/assert";
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

const unexpected = (message: string): never => {
  throw new Error(message);
};

function testFile(name: string, use: (file: CheckpointFile, folder: string) => void): void {
  Deno.test(name, () => inTemporaryFolder((folder) => use(new CheckpointFile(folder), folder)));
}

testFile("a checkpoint is read as it was written, to the last bit", (file, folder) => {
  file.write(CHECKPOINT);
  assertEquals(file.read(CHECKPOINT.trial, unexpected), CHECKPOINT);
  assertEquals([...Deno.readDirSync(folder)].length, 1, "nothing beside it");
});

testFile("a checkpoint replaces the one before", (file) => {
  file.write(CHECKPOINT);
  file.write({ ...CHECKPOINT, epoch: 4 });
  assertEquals(file.read(CHECKPOINT.trial, unexpected)?.epoch, 4);
});

testFile("views of a larger buffer are written as what they show", (file) => {
  const view = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  file.write({ ...CHECKPOINT, weights: [view] });
  assertEquals(file.read(CHECKPOINT.trial, unexpected)?.weights, [Float32Array.of(2, 3)]);
});

testFile("no checkpoint, and that of another trial, are none", (file) => {
  assertEquals(file.read("a", unexpected), undefined);
  file.write(CHECKPOINT);
  assertEquals(file.read("a", unexpected), undefined);
  file.remove();
  file.remove();
  assertEquals(file.read(CHECKPOINT.trial, unexpected), undefined);
});

testFile(
  "a checkpoint that is cut short or changed in any byte is none, and named",
  (file, folder) => {
    file.write(CHECKPOINT);
    const path = join(folder, "checkpoint.bin");
    const whole = Deno.readFileSync(path);
    const damaged = [...whole].map((byte, index) => whole.with(index, byte ^ 1));
    damaged.push(...[0, 10, 64, whole.length - 1].map((length) => whole.slice(0, length)));
    for (const bytes of damaged) {
      Deno.writeFileSync(path, bytes);
      const messages: string[] = [];
      assertEquals(file.read(CHECKPOINT.trial, (message) => messages.push(message)), undefined);
      assertEquals(messages.length, 1);
      assertStringIncludes(messages[0]!, `${path} is damaged`);
      assertStringIncludes(messages[0]!, `${CHECKPOINT.trial} starts again`);
    }
  },
);
