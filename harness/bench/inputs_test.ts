import { assertThrows } from "@std/assert";
import { checkMemory } from "./inputs.ts";

Deno.test("a shape that does not fit in memory is refused with figures", () => {
  checkMemory([1024, 1024], "cpu", 2 ** 30);
  assertThrows(
    () => checkMemory([65536, 65536], "cpu", 2 ** 34),
    RangeError,
    "[65536, 65536] does not fit in memory: it needs about 224.0 GiB, and 16.0 GiB are available",
  );
});

Deno.test("WebAssembly addresses two gigabytes, whatever the machine has", () => {
  checkMemory([8192, 8192], "cpu", 2 ** 40);
  assertThrows(
    () => checkMemory([8192, 8192], "wasm", 2 ** 40),
    RangeError,
    "2.0 GiB are available",
  );
});

Deno.test({
  name: "without the permission to ask, memory is assumed to suffice",
  permissions: { sys: false },
  fn: () => checkMemory([65536, 65536], "cpu"),
});
