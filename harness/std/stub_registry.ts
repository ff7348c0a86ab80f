/**
 * A small JSR registry on this machine, for tests.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** A package with one version and one module, such as `@std/assert` 1.0.13. */
export interface StubPackage {
  readonly name: `@${string}/${string}`;
  readonly version: string;
  readonly source: string;
}

export interface StubRegistry extends AsyncDisposable {
  readonly url: string;
  /** What a lock file has to say about each package, by `name@version`. */
  readonly integrities: ReadonlyMap<string, string>;
  readonly requests: readonly string[];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function versionManifest({ source }: StubPackage): string {
  const checksum = `sha256-${sha256(source)}`;
  return JSON.stringify({
    manifest: { "/mod.ts": { size: source.length, checksum } },
    exports: { ".": "./mod.ts" },
  });
}

function filesOf(stub: StubPackage): [string, string][] {
  const { name, version, source } = stub;
  return [
    [`/${name}/meta.json`, JSON.stringify({ latest: version, versions: { [version]: {} } })],
    [`/${name}/${version}_meta.json`, versionManifest(stub)],
    [`/${name}/${version}/mod.ts`, source],
  ];
}

/** Serves `packages` as JSR does, until disposed of. */
export function serveStubRegistry(packages: readonly StubPackage[]): StubRegistry {
  const files = new Map(packages.flatMap(filesOf));
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    requests.push(pathname);
    const body = files.get(pathname);
    if (body === undefined) return new Response("not found", { status: 404 });
    const type = pathname.endsWith(".ts") ? "text/typescript" : "application/json";
    return new Response(body, { headers: { "content-type": type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    integrities: new Map(
      packages.map((stub) => [`${stub.name}@${stub.version}`, sha256(versionManifest(stub))]),
    ),
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
