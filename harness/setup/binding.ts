/**
 * Compiling the package's binding: two C++ files between Node-API and TensorFlow's C interface.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MissingError } from "../../norms/basics/errors.ts";
import { firstThatAnswers } from "./command.ts";
import type { SetupContext } from "./context.ts";
import type { Libraries } from "./libraries.ts";
import { bindingPath, packageDir } from "../backend/tensorflow/manifest.ts";
import { fetchNpmPackage, NODE_API_HEADERS } from "./npm_package.ts";

/** The last version of Node-API that the package was published for. */
const NAPI_VERSION = 8;

/**
 * The C++ compiler of this machine: `$CXX`, `g++`, `c++` or `clang++`.
 *
 * @throws {MissingError} Where none answers.
 */
export async function findCompiler(context: SetupContext): Promise<string> {
  const named = context.env("CXX");
  const candidates = named ? [named] : ["g++", "c++", "clang++"];
  const compiler = await firstThatAnswers(candidates, ["--version"], context.run);
  if (compiler !== undefined) return compiler;
  throw new MissingError(
    `No C++ compiler: ${candidates.join(", ")} do not answer`,
    "install one (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++) or name it in CXX",
  );
}

function compilerArguments(
  dir: string,
  napiInclude: string,
  libraries: Libraries,
  runPath: string,
): string[] {
  return [
    "-std=c++17",
    "-O2",
    "-fPIC",
    "-shared",
    `-DNAPI_VERSION=${NAPI_VERSION}`,
    `-I${napiInclude}`,
    `-I${libraries.include}`,
    join(packageDir(dir), "binding", "tfjs_backend.cc"),
    join(packageDir(dir), "binding", "tfjs_binding.cc"),
    fileURLToPath(new URL("./log_level.cc", import.meta.url)),
    `-L${libraries.dir}`,
    // By their exact names: a wheel has no libtensorflow.so without a version to link with.
    ...libraries.names.map((name) => `-l:${name}`),
    // The binding finds its libraries by itself: nobody has to export LD_LIBRARY_PATH.
    `-Wl,-rpath,${runPath}`,
    "-o",
    bindingPath(dir),
  ];
}

/**
 * Compiles the binding of the package copy in `dir`.
 *
 * @param runPath Where the binding looks for the libraries when it is loaded.
 * @throws {MissingError} Where there is no compiler, or it fails.
 */
export async function buildBinding(
  dir: string,
  libraries: Libraries,
  runPath: string,
  context: SetupContext,
): Promise<void> {
  const compiler = await findCompiler(context);
  const headers = join(dir, "node-api-headers");
  await fetchNpmPackage(NODE_API_HEADERS, headers, context);
  context.tell(`Compiling the binding with ${compiler} …`);
  await Deno.mkdir(dirname(bindingPath(dir)), { recursive: true });
  const args = compilerArguments(dir, join(headers, "include"), libraries, runPath);
  const { code, stderr } = await context.run(compiler, args);
  await Deno.remove(headers, { recursive: true });
  if (code === 0) return;
  throw new MissingError(
    `${compiler} cannot compile the binding:\n${stderr.split("\n").slice(0, 20).join("\n")}`,
    "it needs C++17, and headers and libraries of one TensorFlow version",
  );
}
