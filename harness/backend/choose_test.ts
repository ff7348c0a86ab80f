import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { absent, candidatesFor, choose, parseRequest } from "./choose.ts";
import { Speed } from "./backend.ts";
import { BACKEND_NAMES, type BackendName, type BackendStatus } from "./registry.ts";

const works = (name: BackendName, speed: Speed): BackendStatus => ({
  name,
  works: true,
  version: "1.0.0",
  device: "device",
  notes: [],
  speed,
});
const fails = (name: BackendName): BackendStatus => ({
  name,
  works: false,
  version: "",
  device: "",
  notes: [],
  reason: "it is not there",
  remedy: "install it",
});

const cpu = works("cpu", Speed.cpu);
const wasm = works("wasm", Speed.wasm);
const stock = works("wasm-stock", Speed.wasm);
const gpu = works("webgpu", Speed.gpu);
const softwareGpu = works("webgpu", Speed.softwareGpu);
const native = works("tensorflow", Speed.native);

const chosen = (request: string, candidates: BackendStatus[]) =>
  choose(parseRequest(request), candidates).map(({ name }) => name);

Deno.test("auto selects the fastest backend that works", () => {
  assertEquals(chosen("auto", [cpu, wasm, stock, gpu, native]), ["tensorflow"]);
  assertEquals(chosen("auto", [cpu, wasm, stock, gpu, fails("tensorflow")]), ["webgpu"]);
  assertEquals(chosen("auto", [cpu, wasm, stock, softwareGpu, fails("tensorflow")]), ["wasm"]);
  assertEquals(chosen("auto", [cpu, fails("wasm"), softwareGpu]), ["webgpu"]);
  assertEquals(chosen("auto", [cpu, fails("wasm"), fails("webgpu")]), ["cpu"]);
});

Deno.test("auto never selects the stock wasm kernels", () => {
  assertEquals(chosen("auto", [stock, cpu]), ["cpu"]);
});

Deno.test("all selects every backend that works except the stock wasm kernels", () => {
  assertEquals(chosen("all", [cpu, wasm, stock, gpu, fails("tensorflow")]), [
    "cpu",
    "wasm",
    "webgpu",
  ]);
});

Deno.test("all lists the backends that do not work", () => {
  const candidates = [cpu, fails("wasm"), fails("wasm-stock"), gpu, fails("tensorflow")];
  const names = (request: string) =>
    absent(parseRequest(request), candidates).map(({ name }) => name);
  assertEquals(names("all"), ["wasm", "tensorflow"]);
  assertEquals(names("cpu,all"), ["wasm", "tensorflow"]);
  assertEquals(names("auto"), []);
  assertEquals(names("cpu,webgpu"), []);
});

Deno.test("names are used in the order given, each once", () => {
  assertEquals(chosen("wasm-stock", [stock]), ["wasm-stock"]);
  assertEquals(chosen("wasm, cpu,wasm", [cpu, wasm]), ["wasm", "cpu"]);
  assertEquals(chosen("all,wasm-stock", [cpu, wasm, stock]), ["cpu", "wasm", "wasm-stock"]);
});

Deno.test("only the backends that are named are inspected", () => {
  assertEquals(candidatesFor(parseRequest("wasm,cpu")), ["wasm", "cpu"]);
  assertEquals(candidatesFor(parseRequest("auto")), BACKEND_NAMES);
  assertEquals(candidatesFor(parseRequest("cpu,all")), BACKEND_NAMES);
});

Deno.test("an unknown backend is refused with the names that there are", () => {
  for (const request of ["cuda", "cpu,cuda"]) {
    const error = assertThrows(() => parseRequest(request), UsageError);
    assertStringIncludes(error.message, '"cuda"');
    for (const name of ["auto", "all", ...BACKEND_NAMES]) assertStringIncludes(error.message, name);
  }
  assertThrows(() => parseRequest(""), UsageError);
  assertThrows(() => parseRequest("cpu,"), UsageError);
});

Deno.test("a named backend that does not work is missing, with reason and remedy", () => {
  const error = assertThrows(() => chosen("tensorflow", [fails("tensorflow")]), MissingError);
  assertStringIncludes(error.message, "tensorflow");
  assertStringIncludes(error.message, "it is not there");
  assertEquals(error.remedy, "install it");
});
