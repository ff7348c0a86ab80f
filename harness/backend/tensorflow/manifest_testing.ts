/**
 * A manifest for tests.
 *
 * @module
 */
import { type Manifest, MANIFEST_SCHEMA } from "./manifest.ts";

/** A manifest of a setup that installed nothing. */
export function anyManifest(): Manifest {
  return {
    schema: MANIFEST_SCHEMA,
    source: "pip",
    origin: "tensorflow-cpu 2.21.0 from pip",
    gpu: false,
    package: "@tensorflow/tfjs-node",
    packageVersion: "4.22.0",
    files: [],
    runtime: { threads: null, logLevel: 2, memoryGrowth: true },
  };
}
