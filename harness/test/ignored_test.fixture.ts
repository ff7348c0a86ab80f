/** Run by main_test.ts: as where two backends are absent. */
Deno.test("wasm: a test", () => {});
for (const name of ["cpu", "tensorflow"]) {
  Deno.test(`${name}: a test`, { ignore: true }, () => {});
}
