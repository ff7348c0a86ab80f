import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Environment } from "../run/record.ts";
import { doctorReport } from "./task.ts";
import type { BackendStatus } from "../backend/registry.ts";

const ENVIRONMENT: Environment = {
  normbench: "1.2.3",
  commit: "abc-dirty",
  versions: { deno: "2.9.6", tfjs: "4.22.0" },
  platform: "linux x86_64",
  cpu: "A processor",
  cores: 2,
};

const STATUSES: BackendStatus[] = [
  { name: "cpu", works: true, version: "4.22.0", device: "A processor", notes: [] },
  { name: "wasm", works: true, version: "4.22.0", device: "A processor", notes: ["SIMD", "new"] },
  {
    name: "webgpu",
    works: false,
    version: "",
    device: "",
    notes: [],
    reason: "no adapter",
    remedy: "install a driver",
  },
];

Deno.test("the doctor says what works, on what, and why the rest does not", () => {
  assertEquals(
    doctorReport(ENVIRONMENT, STATUSES, "wasm"),
    `Normbench 1.2.3, commit abc-dirty
deno 2.9.6, tfjs 4.22.0
linux x86_64, processor A processor, 2 cores

   backend  version  runs on
   cpu      4.22.0   A processor
*  wasm     4.22.0   A processor
                       SIMD
                       new

* is what --backend auto selects

webgpu does not work here: no adapter
  remedy: install a driver`,
  );
});

Deno.test("the doctor omits the commit outside a checkout", () => {
  const report = doctorReport({ ...ENVIRONMENT, commit: null, cores: 1 }, STATUSES, "cpu");
  assertStringIncludes(report, "Normbench 1.2.3\n");
  assertStringIncludes(report, ", 1 core\n");
  assert(!report.includes("commit"));
});

Deno.test("the doctor runs without any permission, prints only its report and exits with status 0", async () => {
  const script = new URL("./main.ts", import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", script],
  }).output();
  assertEquals(code, 0);
  const report = new TextDecoder().decode(stdout);
  assert(report.startsWith("Normbench "), report);
  assertStringIncludes(report, "wasm does not work here");
  assertStringIncludes(report, "--allow-read");
});
