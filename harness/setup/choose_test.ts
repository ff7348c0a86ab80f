import { assertEquals } from "@std/assert";
import { chooseDevice, sourcesToTry } from "./choose.ts";
import type { CommandResult } from "./command.ts";
import { fakeContext } from "./testing.ts";

function withDriver(answer: Partial<CommandResult>) {
  return fakeContext({
    run: (program) => {
      assertEquals(program, "nvidia-smi");
      return Promise.resolve({ code: 0, stdout: "", stderr: "", ...answer });
    },
  });
}

const CARD = "GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-1)";

Deno.test("the GPU is chosen where an NVIDIA driver names one", async () => {
  assertEquals(await chooseDevice(undefined, withDriver({ stdout: CARD })), "gpu");
});

Deno.test("the processor is chosen without a driver, and without a card", async () => {
  assertEquals(await chooseDevice(undefined, withDriver({ code: 127 })), "cpu");
  assertEquals(await chooseDevice(undefined, withDriver({ code: 9, stdout: CARD })), "cpu");
  assertEquals(await chooseDevice(undefined, withDriver({ stdout: "No devices found" })), "cpu");
});

Deno.test("what the user asks for is taken without a look", async () => {
  const context = fakeContext({ run: () => Promise.reject(new Error("asked")) });
  assertEquals(await chooseDevice("gpu", context), "gpu");
  assertEquals(await chooseDevice("cpu", context), "cpu");
});

Deno.test("pip comes before stock, unless one is asked for", () => {
  assertEquals(sourcesToTry(undefined), ["pip", "stock"]);
  assertEquals(sourcesToTry("stock"), ["stock"]);
});
