/**
 * Compiles `kernels.as` into `binary.ts`.
 *
 * Run it after every change of `kernels.as`: `deno run -A norms/fused/wasm/build.ts`. Running the
 * kernels does not need the compiler.
 *
 * @module
 */
import asc from "npm:assemblyscript@0.28.20/asc";

const SOURCE = new URL("kernels.as", import.meta.url);
const TARGET = new URL("binary.ts", import.meta.url);

/** Options of the compiler: vectors, on the memory of the backend. */
const OPTIONS = ["-O3", "--runtime", "stub", "--enable", "simd", "--importMemory", "--noAssert"];

/** The WebAssembly module of `kernels.as`. */
export async function compile(): Promise<Uint8Array> {
  const source = await Deno.readTextFile(SOURCE);
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["kernels.ts", "--outFile", "kernels.wasm", ...OPTIONS],
    {
      readFile: (name) => name === "kernels.ts" ? source : null,
      writeFile: (_name, contents) => void (binary = contents as Uint8Array),
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(stderr.toString(), { cause: error });
  return binary;
}

/** A module of TypeScript that holds `binary`. */
export function moduleOf(binary: Uint8Array): string {
  return `/**
 * The kernels of \`kernels.as\`, compiled by \`build.ts\`.
 *
 * @module
 */

/** A WebAssembly module, in base 64. */
export const BINARY =
  // deno-fmt-ignore
  "${btoa(String.fromCharCode(...binary))}";
`;
}

if (import.meta.main) await Deno.writeTextFile(TARGET, moduleOf(await compile()));
