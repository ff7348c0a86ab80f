/**
 * The one door through which the WebGPU backend enters.
 *
 * Importing it registers a tfjs backend `webgpu` on a device with low limits, which `webgpu.ts`
 * replaces.
 *
 * @module
 */
export * from "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";
