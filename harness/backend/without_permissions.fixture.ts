/** Run by backend_test.ts without any permission: tries to use wasm, twice. */
import * as tf from "../../norms/basics/tf.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import { inspectBackends, useBackend } from "./active_backend.ts";

const tries: unknown[] = [];
await useBackend("cpu");
for (let i = 0; i < 2; i++) {
  try {
    await useBackend("wasm");
  } catch (error) {
    const { name, message, remedy } = error as MissingError;
    tries.push({ error: name, reason: message, remedy });
  }
}
await inspectBackends();
console.log(JSON.stringify({ tries, active: tf.getBackend() }));
