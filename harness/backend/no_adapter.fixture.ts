/** Run by webgpu_test.ts: inspects the backends as on a machine without a graphics driver. */
import { inspectBackends } from "./active_backend.ts";

navigator.gpu.requestAdapter = () => Promise.resolve(null);
const statuses = await inspectBackends();
console.log(JSON.stringify(statuses.find(({ name }) => name === "webgpu")));
