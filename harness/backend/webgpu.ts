/**
 * The backend `webgpu`: the graphics card, or software that stands in for one.
 *
 * @module
 */
import { WGSL } from "../../norms/oracle/bounded.ts";
import * as tf from "../../norms/basics/tf.ts";
import { type Backend, Speed } from "./backend.ts";
import { startTfjsBackend } from "./start.ts";

/** Loaded on first use, since importing the package costs time and registers a tfjs backend. */
let loaded: typeof import("./webgpu/device.ts") | undefined;

/** The tfjs backend, as far as its device is concerned. */
interface Timed {
  readonly device: { readonly features: ReadonlySet<string>; readonly queue: object };
}

/** WebGPU; the package's device is replaced by one with higher limits, whose errors are reported. */
export const webgpu: Backend<"webgpu"> = {
  name: "webgpu",
  arithmetic: WGSL,
  mostUpstreams: 2,
  async prepare() {
    loaded = await import("./webgpu/device.ts");
    const session = await loaded.openDevice();
    await startTfjsBackend("webgpu");
    const { isSoftware, ...description } = loaded.describe(session);
    return { ...description, speed: isSoftware ? Speed.softwareGpu : Speed.gpu };
  },
  /** Operations only queue, and one that fails gives zeros and no exception. */
  complete: () => loaded?.assertDeviceHealthy(),
  border() {
    const backend = tf.backend() as unknown as Timed;
    const { device } = backend;
    return [
      ...["createBindGroup", "createBuffer", "createCommandEncoder"].map((method) => ({
        of: device,
        method,
      })),
      ...["writeBuffer", "submit"].map((method) => ({ of: device.queue, method })),
      { of: backend, method: "read" },
    ];
  },
  deviceClock() {
    const { features } = (tf.backend() as unknown as Timed).device;
    if (!features.has("timestamp-query")) return undefined;
    return async (work) => {
      const { kernelMs } = await tf.time(work) as { kernelMs: number };
      return kernelMs / 1000;
    };
  },
};
