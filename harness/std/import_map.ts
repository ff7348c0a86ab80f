/**
 * Chooses where `@std/assert` comes from, and prints the flag that says so.
 *
 * `deno task test` and `check` call this in `$(…)`. Where the JSR registry answers, nothing is printed,
 * and the import of `deno.json` holds. Where it does not, `--import-map` puts the adapter of this folder
 * in its place. The finding is kept for an hour, so that the registry is asked only once.
 *
 * @module
 */

/** Import map of the adapter; relative to the repository root, where tasks run, so it needs no quoting. */
const ADAPTER = "harness/std/adapter.json";
const FINDINGS = ".normbench/std_registry.json";
/** What a task needs of the registry; a portal that answers everything with a page has none of it. */
const MANIFEST = "@std/assert/1.0.13_meta.json";
/** Milliseconds that the registry has to answer. */
const PATIENCE = 1500;
/** Milliseconds for which a finding holds; short, so that going online or offline is soon noticed. */
export const LIFETIME = 3_600_000;

/** Whether a registry answered, and when it was asked, in milliseconds since 1970. */
export interface Finding {
  readonly answers: boolean;
  readonly asked: number;
}

/** Findings by registry and module cache: another cache may lack what a registry once delivered. */
type Findings = Record<string, Finding>;

/** Whether `registry` serves the package; never takes longer than `patience` milliseconds. */
export async function registryAnswers(registry: string, patience = PATIENCE): Promise<boolean> {
  const base = registry.endsWith("/") ? registry : `${registry}/`;
  try {
    const signal = AbortSignal.timeout(patience);
    const response = await fetch(new URL(MANIFEST, base), { signal });
    return response.ok && (await response.json()).exports !== undefined;
  } catch {
    return false;
  }
}

function readFindings(path: string): Findings {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return {}; // Absent, or cut short by an interruption: ask again.
  }
}

function writeFindings(path: string, findings: Findings): void {
  try {
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, JSON.stringify(findings));
  } catch {
    // A checkout that cannot be written to: each task asks again, which costs time and nothing else.
  }
}

/** What is known of `registry`: found out now, unless an earlier finding still holds. */
export async function currentFinding(
  registry: string,
  cache: string,
  now: number,
  path: string = FINDINGS,
): Promise<Finding> {
  const key = `${registry} ${cache}`;
  const findings = readFindings(path);
  const known = findings[key];
  if (known && known.asked <= now && now < known.asked + LIFETIME) return known;

  const finding = { answers: await registryAnswers(registry), asked: now };
  writeFindings(path, { ...findings, [key]: finding });
  return finding;
}

if (import.meta.main) {
  const registry = Deno.env.get("JSR_URL") ?? "https://jsr.io";
  const now = Date.now();
  const { answers, asked } = await currentFinding(registry, Deno.env.get("DENO_DIR") ?? "", now);
  if (!answers) {
    if (asked === now) console.error(`${registry} does not answer: @std comes from harness/std`);
    console.log(`--import-map=${ADAPTER}`);
  }
  // A name look-up without an answer outlives the request, and would keep the process alive.
  Deno.exit();
}
