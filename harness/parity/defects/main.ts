/**
 * `deno task defects`: looks for defects of TensorFlow.js, and writes docs/defects.md and its records.
 *
 * @module
 */
import { join } from "node:path";
import { writeRepro } from "../counterexample/repro_files.ts";
import { formatRecord } from "../../run/record.ts";
import { defectCallee, findDefects } from "./find_defects.ts";
import { defectsPage } from "./page.ts";

const folder = await Deno.makeTempDir();
const proven = [];
for (const [index, defect] of (await findDefects(console.error)).entries()) {
  const path = join(folder, `${index}.ts`);
  const { path: written, note } = await writeRepro(path, defect, await defectCallee(defect));
  if (written !== undefined) proven.push(defect);
  else console.error(`left out: ${defect.norm} ${defect.quantity}: ${note}`);
}
await Deno.remove(folder, { recursive: true });
const lines = proven.map((defect) => `${formatRecord(defect)}\n`);
await Deno.writeTextFile(new URL("records.jsonl", import.meta.url), lines.join(""));
await Deno.writeTextFile(
  new URL("../../../docs/defects.md", import.meta.url),
  await defectsPage(proven),
);
console.log(`docs/defects.md has ${proven.length} defects`);
Deno.exit();
