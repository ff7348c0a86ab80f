/**
 * Whether a shape fits in memory, asked before a backend is brought down by one that does not.
 *
 * @module
 */
import { type Shape, size } from "../../norms/basics/shape.ts";
import { type BackendName, backendNamed } from "../backend/registry.ts";
import { FLOAT_BYTES, ringLength } from "./inputs.ts";

/** Tensors of the size of `x` that a norm holds at once in its backward pass, at the most. */
const WORKING_TENSORS = 12;

/**
 * Refuses a shape whose tensors cannot all be held.
 *
 * @param available Bytes of the machine that are free.
 * @throws {RangeError} if it does not fit.
 */
export function checkMemory(
  shape: Shape,
  backend: BackendName,
  available: number = availableBytes(),
): void {
  const needed = (ringLength(shape) + WORKING_TENSORS) * FLOAT_BYTES * size(shape);
  const limit = Math.min(available, backendNamed(backend).addressableBytes ?? Infinity);
  if (needed <= limit) return;
  throw new RangeError(
    `[${shape.join(", ")}] does not fit in memory: it needs about ${gibibytes(needed)}, and ${
      gibibytes(limit)
    } are there. Choose a smaller shape`,
  );
}

/** Free memory of the machine; without the permission to ask, unlimited. */
function availableBytes(): number {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
  return state === "granted" ? Deno.systemMemoryInfo().available : Infinity;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
