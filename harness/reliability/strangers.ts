/** Files from strangers: damaged records and data sets are refused by name, or do no harm. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageSplits } from "../../fixtures/datasets/image_set.ts";
import { MissingError, UsageError } from "../../norms/basics/errors.ts";
import { type Uniform, uniformStream } from "../../norms/basics/random.ts";
import { loadCifar10 } from "../data/cifar10.ts";
import type { DatasetSource } from "../data/dataset_source.ts";
import {
  type Files,
  LAYOUTS,
  serveMirror,
  tinyCifar10,
  tinyFashionMnist,
  writeFiles,
} from "../data/dataset_testing.ts";
import { loadFashionMnist } from "../data/fashion_mnist.ts";
import { formatRecord } from "../run/record.ts";
import { readRecords as read, RECORDS_FILE } from "../run/run_folder.ts";
import { inTemporaryFolder } from "../run/task_testing.ts";
import { writeRendered } from "../run/write_report.ts";
import { KINDS, renderReport, summarize } from "../tasks.ts";
import type { Outcome, Trial } from "./trial.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function below(limit: number, uniform: Uniform): number {
  return Math.floor(limit * uniform());
}

function pick<T>(items: readonly T[], uniform: Uniform): T {
  return items[below(items.length, uniform)]!;
}

/** Damages bytes as disks, transfers and editors do. */
function damage(bytes: Bytes, uniform: Uniform): Bytes {
  const at = below(bytes.length, uniform);
  const end = at + 1 + below(64, uniform);
  const kinds: readonly (() => Bytes)[] = [
    () => bytes.with(at, bytes[at]! ^ 1 << below(8, uniform)),
    () => bytes.slice(0, at),
    () => new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(end)]),
    () => new Uint8Array([...bytes, ...bytes.subarray(0, end)]),
    () => bytes.slice().fill(below(256, uniform), at, end),
    () => new Uint8Array(),
  ];
  return pick(kinds, uniform)();
}

/** What a number or a text of a record is replaced by. */
const FORGED = [
  ...[-1, 0, 0.5, 1e9, 1e308, 5e-324, 2 ** 53, "NaN", "Infinity", "-Infinity", null, true, "", {}],
  ...[[], "constructor", "__proto__", "../../forged", "<script>forged()</script>\u001b[2J\n# | "],
];

/** Puts something else in the place of a field, at any depth. */
function forge(value: unknown, uniform: Uniform): unknown {
  if (typeof value !== "object" || value === null || uniform() < 0.2) return pick(FORGED, uniform);
  const keys = Object.keys(value);
  const chosen = pick(keys, uniform);
  const renamed = uniform() < 0.1 ? pick(["__proto__", "constructor", "forged"], uniform) : chosen;
  const entries = keys.map((key) => {
    const inner = (value as Record<string, unknown>)[key];
    return key === chosen ? [renamed, forge(inner, uniform)] : [key, inner];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** Damages lines of records. */
function forgeLines(lines: readonly string[], uniform: Uniform): Bytes {
  const forged = [...lines];
  for (let left = 1 + below(3, uniform); left > 0; left--) {
    const at = below(forged.length, uniform);
    const kind = uniform();
    if (kind < 0.6) forged[at] = JSON.stringify(forge(JSON.parse(forged[at]!), uniform));
    else if (kind < 0.7) forged.splice(at, 1);
    else if (kind < 0.8) forged.push(forged[at]!);
    else if (kind < 0.9) forged.splice(at, 0, pick(["null", "[]", '"x"', "{}", "1"], uniform));
    else forged.splice(at, 0, `${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    if (forged.length === 0) break;
  }
  return new TextEncoder().encode(forged.map((line) => `${line}\n`).join(""));
}

/** A header and some results of a committed run. */
function linesOf(task: string): string[] {
  const folder = fileURLToPath(new URL(`../../reports/reference/${task}`, import.meta.url));
  const [header, ...others] = read(folder, KINDS);
  const every = Math.ceil(others.length / 25);
  return [header!, ...others.filter((_, index) => index % every === 0)].map(formatRecord);
}

async function records(times: number, seed: number): Promise<Outcome> {
  const uniform = uniformStream(`records/${seed}`);
  const runs = ["parity", "bench", "train", "replay"].map(linesOf);
  const lost: string[] = [];
  let refused = 0;
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, RECORDS_FILE);
    const out = join(folder, "a/b/c/out");
    for (let i = 0; i < times; i++) {
      const lines = pick(runs, uniform);
      const whole = new TextEncoder().encode(lines.join("\n"));
      Deno.writeFileSync(
        path,
        uniform() < 0.3 ? damage(whole, uniform) : forgeLines(lines, uniform),
      );
      try {
        const found = read(path, KINDS, () => {});
        const text = summarize(found);
        if (/[^\P{Cc}\n]/u.test(text)) lost.push(`${i}: a control character reaches the terminal`);
        // Drawing takes most of the time.
        if (i % 5 === 0) await writeRendered(await renderReport(found), out);
      } catch (error) {
        if (error instanceof UsageError && error.message.length < 4000) refused++;
        else lost.push(`${i}: ${(error as Error).stack?.slice(0, 400)}`);
      }
    }
    const outside = [...Deno.readDirSync(folder)].map(({ name }) => name);
    if (outside.some((name) => ![RECORDS_FILE, "a"].includes(name))) {
      lost.push(`files outside of the report's folder: ${outside}`);
    }
  });
  return { lost, found: `${refused} refused, the others rendered` };
}

/** A data set with the ways in which its files may lie, each of which has all of it. */
interface Tiny {
  readonly layouts: readonly Files[];
  /** Files that its servers have. */
  readonly served: Files;
  readonly load: (source: DatasetSource) => Promise<ImageSplits>;
  /** What its images are. */
  readonly content: string;
}

async function tinySets(url: string): Promise<Tiny[]> {
  const [cifar, fashion] = [await tinyCifar10(url), tinyFashionMnist(url)];
  const sets: readonly Omit<Tiny, "content">[] = [
    {
      layouts: LAYOUTS.map((name) => cifar.layouts[name]),
      served: new Map([...cifar.layouts["archive"], ...cifar.layouts["python archive"]]),
      load: (source) => loadCifar10(source, cifar.dataset),
    },
    {
      layouts: [fashion.files],
      served: fashion.files,
      load: (source) => loadFashionMnist(source, fashion.dataset),
    },
  ];
  return await Promise.all(sets.map(async (set) => {
    let content = "";
    await inTemporaryFolder(async (dataDir) => {
      await writeFiles(dataDir, set.layouts[0]!);
      content = contentOf(await set.load({ dataDir }));
    });
    return { ...set, content };
  }));
}

function contentOf({ train, test }: ImageSplits): string {
  return [train.pixels, train.labels, test.pixels, test.labels].map(String).join("\n");
}

async function datasets(times: number, seed: number): Promise<Outcome> {
  const uniform = uniformStream(`data sets/${seed}`);
  const lost: string[] = [];
  let refused = 0;
  const files: Files = new Map();
  await using mirror = serveMirror(files);
  const sets = await tinySets(mirror.url);
  for (let i = 0; i < times; i++) {
    const { layouts, served, load, content } = pick(sets, uniform);
    const isServed = uniform() < 0.5;
    const whole = isServed ? served : pick(layouts, uniform);
    const [name, bytes] = pick([...whole], uniform);
    const damaged: Files = new Map(whole).set(name, damage(bytes, uniform));
    const serve = (some: Files) => {
      files.clear();
      some.forEach((content, name) => files.set(name, content));
    };
    await inTemporaryFolder(async (folder) => {
      const cache = { env: (name: string) => name === "XDG_CACHE_HOME" ? folder : undefined };
      if (isServed) serve(damaged);
      else await writeFiles(folder, damaged);
      const attempt = async (about: string, source: DatasetSource, mayRefuse: boolean) => {
        try {
          if (contentOf(await load(source)) !== content) lost.push(`${i}: ${name} ${about}`);
        } catch (error) {
          if (error instanceof MissingError && mayRefuse) refused++;
          else lost.push(`${i}: ${name} ${about}: ${(error as Error).stack?.slice(0, 400)}`);
        }
      };
      await attempt("is used though damaged", isServed ? cache : { dataDir: folder }, true);
      if (!isServed) return;
      serve(served);
      await attempt("left something damaged in the cache", cache, false);
    });
  }
  return { lost, found: `${refused} refused, the others harmless` };
}

export const STRANGERS: readonly Trial[] = [
  {
    name: "records",
    about:
      "records with damaged bytes, forged fields, lines lost or twice: they are refused with " +
      "the line, or rendered without anything that obeys them",
    quick: 40,
    full: 1000,
    run: records,
  },
  {
    name: "data-sets",
    about: "data files with damaged bytes, cut short or too long, in a folder and from a server: " +
      "they are refused by name, and nothing damaged stays in the cache",
    quick: 60,
    full: 1000,
    run: datasets,
  },
];
