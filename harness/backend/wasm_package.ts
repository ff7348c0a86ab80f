/**
 * The one door through which the WebAssembly backend enters.
 *
 * Importing it registers the tfjs backend `wasm`; nothing starts before `tf.setBackend("wasm")`.
 *
 * @module
 */
export * from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
