import { assertEquals, assertStringIncludes } from "@std/assert";
import { gpuNames, whyNoGpu } from "./gpu.ts";

async function withDriver(test: (driver: string) => void): Promise<void> {
  const driver = await Deno.makeTempDir();
  const card = `${driver}/gpus/0000:01:00.0`;
  await Deno.mkdir(card, { recursive: true });
  await Deno.writeTextFile(
    `${card}/information`,
    "Model: \t\t NVIDIA GeForce RTX 4090\nIRQ: 1\n",
  );
  try {
    test(driver);
  } finally {
    await Deno.remove(driver, { recursive: true });
  }
}

Deno.test("the driver's files name the cards", () =>
  withDriver((driver) => assertEquals(gpuNames(driver), ["NVIDIA GeForce RTX 4090"])));

Deno.test("without a driver there is no card", () => {
  assertEquals(gpuNames("no such folder"), []);
  assertEquals(whyNoGpu(true, "no such folder"), "no NVIDIA driver answers");
});

Deno.test("the reason for running on the processor fits the setup", () =>
  withDriver((driver) => {
    assertStringIncludes(whyNoGpu(false, driver), "deno task setup --gpu");
    assertStringIncludes(whyNoGpu(true, driver), "did not start CUDA on NVIDIA GeForce RTX 4090");
  }));
