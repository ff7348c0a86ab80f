/**
 * The backends `wasm` and `wasm-stock`: one tfjs backend, with and without the repaired kernels.
 *
 * @module
 */
import type { Operation } from "../../norms/basics/norm.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { IEEE } from "../../norms/oracle/bounded.ts";
import * as tf from "../../norms/basics/tf.ts";
import { type Backend, type Prepared, Speed } from "./backend.ts";
import { processor, startTfjsBackend } from "./start.ts";

/** Loaded on first use, since importing the package costs time and registers a tfjs backend. */
const loadRepairs = () => import("./wasm/repairs.ts");

const COMMON = {
  arithmetic: IEEE,
  // The heap of WebAssembly ends there.
  addressableBytes: 2 ** 31,
} as const;

/** WebAssembly, with the kernels that Normbench repaired. */
export const wasm: Backend<"wasm"> = {
  ...COMMON,
  name: "wasm",
  async prepare() {
    const { installRepairs, KERNEL_REPAIRS } = await loadRepairs();
    installRepairs();
    const names = KERNEL_REPAIRS.map(({ kernelName }) => kernelName);
    return await start(`repaired kernels: ${names.join(", ")}`);
  },
  async repairedOperations() {
    const { repairedOperations } = await import("./wasm/operations.ts");
    return repairedOperations as Operation;
  },
};

/** WebAssembly with the kernels of the package, for comparison. */
export const wasmStock: Backend<"wasm-stock"> = {
  ...COMMON,
  name: "wasm-stock",
  onlyWhenNamed: true,
  async prepare() {
    (await loadRepairs()).removeRepairs();
    return await start("stock kernels");
  },
};

async function start(kernels: string): Promise<Prepared> {
  const { getThreadsCount, version_wasm } = await import("./wasm/kernel.ts");
  try {
    await startTfjsBackend("wasm");
  } catch (cause) {
    throw new MissingError(
      `the WebAssembly module does not load: ${(cause as Error).message}`,
      "let Deno read its npm packages (--allow-read), and run `deno install` if they are damaged",
      { cause },
    );
  }
  const simd = tf.env().getBool("WASM_HAS_SIMD_SUPPORT") ? "SIMD" : "no SIMD";
  const threads = getThreadsCount();
  return {
    version: version_wasm,
    device: await processor(),
    notes: [`${simd}, ${threads} thread${threads === 1 ? "" : "s"}`, kernels],
    speed: Speed.wasm,
  };
}
