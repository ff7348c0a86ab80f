import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Environment } from "../run/record.ts";
import { doctorReport } from "./task.ts";
import { testOn } from "../backend/backends_testing.ts";
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

testOn(
  "tensorflow",
  "a number of threads that is none is a wrong call, not the end of the process",
  async () => {
    const outcome = async (threads: string) => {
      const main = new URL("./main.ts", import.meta.url).href;
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-check", "--no-prompt", "--permission-set=doctor", main],
        env: { TF_NUM_INTRAOP_THREADS: threads },
      }).output();
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, output: decode(stdout), errors: decode(stderr) };
    };
    for (const threads of ["-5", "many", "1.5"]) {
      const { code, errors } = await outcome(threads);
      assertEquals([code, errors.includes(`TF_NUM_INTRAOP_THREADS is ${threads},`)], [2, true]);
    }
    const { output } = await outcome("1");
    assertStringIncludes(output, `1 thread, ${navigator.hardwareConcurrency} between operations`);
  },
);
