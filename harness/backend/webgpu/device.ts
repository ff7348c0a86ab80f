/**
 * The device of the backend `webgpu`.
 *
 * The device that the package would open has low limits, and its errors go unnoticed: a tensor over
 * 128 MiB, or a sum of nine tensors, silently becomes zeros. Here the limits are raised to what the
 * adapter offers, and errors are collected for {@linkcode assertDeviceHealthy}.
 *
 * @module
 */
import { WebGPUBackend } from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";
import * as tf from "../../../norms/basics/tf.ts";
import { MissingError } from "../../../norms/basics/errors.ts";
import { importSystemModule } from "../../run/runtime.ts";
import type { Prepared } from "../backend.ts";

export { WebGPUBackend };

/** The package does not export its version: this is the one that is imported above. */
const VERSION = "4.22.0";

/** Raised to what the adapter offers. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Asked for where the adapter offers them: timing on the device, and half precision. */
const FEATURES: readonly GPUFeatureName[] = ["timestamp-query", "shader-f16"];

const NO_ADAPTER_REMEDY = "install a driver for the graphics card that speaks Vulkan, Metal or " +
  "Direct3D 12; on Debian and Ubuntu, `apt-get install mesa-vulkan-drivers libvulkan1` brings one " +
  "that needs no card";

/** An open device, and what has gone wrong on it. */
export interface Session {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapterInfo;
  /** Messages not yet reported. */
  errors: string[];
  /** Why the device is gone. */
  lost?: string;
}

let session: Session | undefined;

/**
 * Registers the tfjs backend on the device opened before, or on a new one if that was lost.
 *
 * @throws {MissingError} If no adapter answers.
 */
export async function openDevice(): Promise<Session> {
  if (session === undefined || session.lost !== undefined) {
    session = await openSession();
    registerOn(session);
  }
  return session;
}

/**
 * Waits until the device has done all its work.
 *
 * @throws {Error} If it reported errors since the last call, or was lost.
 */
export async function assertDeviceHealthy(): Promise<void> {
  if (session === undefined) return;
  if (session.lost === undefined) await finishWork(session.device);
  if (session.lost !== undefined) throw new Error(`the WebGPU device was lost: ${session.lost}`);
  const [first, ...others] = session.errors;
  session.errors = [];
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` (and ${others.length} more that follow from it)`;
  throw new Error(`WebGPU reported an error, so results are wrong: ${first}${more}`);
}

/** Submits what tfjs still holds back, and waits for all of it. */
async function finishWork(device: GPUDevice): Promise<void> {
  const backend = tf.engine().findBackend("webgpu") as WebGPUBackend;
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  await device.queue.onSubmittedWorkDone();
}

async function openSession(): Promise<Session> {
  const adapter = await requestAdapter();
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(
      // Some drivers offer 2^64 - 1 bytes, which is no number that can be handed back to them.
      LIMITS.map((limit) => [limit, Math.min(adapter.limits[limit], Number.MAX_SAFE_INTEGER)]),
    ),
  });
  const opened: Session = { device, adapter: adapter.info, errors: [] };
  device.addEventListener("uncapturederror", (event) => {
    opened.errors.push((event as GPUUncapturedErrorEvent).error.message);
  });
  device.lost.then(({ reason, message }) => opened.lost = `${message} (${reason})`);
  return opened;
}

/**
 * The adapter that the backend runs on.
 *
 * @throws {MissingError} If none answers.
 */
export async function requestAdapter(): Promise<GPUAdapter> {
  const restore = await provideEnvironment();
  try {
    // Undefined where the runtime has no WebGPU.
    const gpu: GPU | undefined = navigator.gpu;
    const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
    if (adapter) return adapter;
  } finally {
    restore();
  }
  throw new MissingError("no graphics adapter answers", NO_ADAPTER_REMEDY);
}

/** Without an operating system there is no environment to provide. */
async function provideEnvironment(): Promise<() => void> {
  const path = "harness/backend/webgpu/driver_environment.ts";
  try {
    const module = await importSystemModule<typeof import("./driver_environment.ts")>(path);
    return await module.provideEnvironment();
  } catch {
    return () => {};
  }
}

/** Registers a tfjs backend on the device, and removes another of that name. */
function registerOn({ device, adapter }: Session): void {
  if (tf.findBackendFactory("webgpu") !== null) tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new WebGPUBackend(device, adapter));
  // Otherwise small inputs are computed in JavaScript, and a parity check would check that.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
}

/** What there is to say about a device. */
export function describe(
  { device, adapter }: Session,
): Omit<Prepared, "speed"> & { isSoftware: boolean } {
  const software = isSoftware(adapter);
  const mebibytes = Math.floor(device.limits.maxStorageBufferBindingSize / 2 ** 20);
  return {
    version: VERSION,
    device: adapterName(adapter),
    notes: [
      ...(software ? ["software rendering: runs on the processor"] : []),
      `tensors up to ${mebibytes} MiB`,
      `${device.limits.maxStorageBuffersPerShaderStage} storage buffers a shader`,
      ...FEATURES.filter((feature) => device.features.has(feature)),
    ],
    isSoftware: software,
  };
}

/** Name of the adapter, or what it says about itself. */
export function adapterName(adapter: GPUAdapterInfo): string {
  const { description, vendor, architecture, device } = adapter;
  return description || [vendor, architecture, device].filter(Boolean).join(" ") || "unknown";
}

/** Whether the adapter is a program that draws on the processor. */
export function isSoftware(adapter: GPUAdapterInfo): boolean {
  return adapter.isFallbackAdapter ||
    /llvmpipe|lavapipe|softpipe|swiftshader|basic render/i.test(adapterName(adapter));
}
