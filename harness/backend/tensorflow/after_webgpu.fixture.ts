/** Starts webgpu, where it works, and then tensorflow; prints which ones work. */
import { type BackendName, useBackend } from "../active_backend.ts";

for (const name of ["webgpu", "tensorflow"] satisfies BackendName[]) {
  await useBackend(name).then(() => console.log(name), () => {});
}
