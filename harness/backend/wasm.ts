/**
 * The backends `wasm` and `wasm-stock`: one tfjs backend, with and without the repaired kernels.
 *
 * @module
 */
import * as tf from "../../norms/basics/tf.ts";
import { processorModel } from "../run/environment.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { startTfjsBackend } from "./start.ts";
import { type Prepared, Speed } from "./backend.ts";
import { installRepairs, kernelRepairs, removeRepairs } from "./wasm/repairs.ts";
import { getThreadsCount, version_wasm } from "./wasm_package.ts";

/** Activates the backend with the kernels that Normbench repaired. */
export async function prepareWasm(): Promise<Prepared> {
  installRepairs();
  const names = kernelRepairs().map(({ kernelName }) => kernelName);
  return await prepare(`repaired kernels: ${names.join(", ")}`);
}

/** Activates the backend with the kernels of the package. */
export async function prepareStockWasm(): Promise<Prepared> {
  removeRepairs();
  return await prepare("stock kernels");
}

async function prepare(kernels: string): Promise<Prepared> {
  await start();
  const simd = tf.env().getBool("WASM_HAS_SIMD_SUPPORT") ? "SIMD" : "no SIMD";
  const threads = getThreadsCount();
  return {
    version: version_wasm,
    device: await processorModel(),
    notes: [`${simd}, ${threads} thread${threads === 1 ? "" : "s"}`, kernels],
    speed: Speed.wasm,
  };
}

async function start(): Promise<void> {
  try {
    await startTfjsBackend("wasm");
  } catch (cause) {
    throw new MissingError(
      `the WebAssembly module does not load: ${(cause as Error).message}`,
      "let Deno read its npm packages (--allow-read), and run `deno install` if they are damaged",
      { cause },
    );
  }
}
