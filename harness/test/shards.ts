/**
 * Which test files there are, and how several processes share them.
 *
 * @module
 */

/** Every test file below a folder. */
export function* testFiles(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory && !name.startsWith(".") && name !== "node_modules") yield* testFiles(path);
    else if (name.endsWith("_test.ts")) yield path;
  }
}

/** Deals files out in turn: those of a folder take about as long, and go to different processes. */
export function shards(files: readonly string[], count: number): string[][] {
  return Array.from({ length: count }, (_, k) => files.filter((_, i) => i % count === k))
    .filter((shard) => shard.length > 0);
}
