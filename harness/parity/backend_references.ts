/**
 * References that one backend alone has.
 *
 * @module
 */
import { fusedBatchNorm } from "../backend/tensorflow/fused_batch_norm.ts";
import type { Operation } from "../../norms/basics/norm.ts";
import type { Subject } from "../../norms/basics/subject.ts";
import type { BackendReferences } from "./run.ts";

/** By the norm's name. */
const REFERENCES: Readonly<Record<string, BackendReferences>> = {
  batch: { tensorflow: { FusedBatchNormV3: fusedBatchNorm as Subject } },
};

/** A norm's references on single backends. */
export function backendReferences({ name }: Pick<Operation, "name">): BackendReferences {
  return REFERENCES[name] ?? {};
}
