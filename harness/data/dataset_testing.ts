/** Small data sets in every layout, and a server of files on this machine that can misbehave. */
import { packTar } from "npm:modern-tar@0.8.6";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { pickledArray, pickledBatch } from "../../fixtures/datasets/pickle_testing.ts";
import { type Cifar10Batch, cifar10Batch, type Cifar10Files, cifar10Files } from "./cifar10.ts";
import { type FashionMnistFiles, fashionMnistFiles, type Published } from "./fashion_mnist.ts";

export type Files = Map<string, Uint8Array<ArrayBuffer>>;

export interface MirrorOptions {
  /** Whether it answers range requests; yes if not given. */
  readonly ranges?: boolean;
  /** Bytes after which it breaks an answer off; never if not given. */
  readonly breaksOffAfter?: number;
}

export interface Mirror extends AsyncDisposable {
  /** Its folder, with a slash at the end. */
  readonly url: string;
  /** Names of files, each followed by the range that was requested, if any. */
  readonly requests: readonly string[];
}

export function serveMirror(files: Files, options: MirrorOptions = {}): Mirror {
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const name = new URL(request.url).pathname.slice(1);
    const range = request.headers.get("range");
    requests.push(range === null ? name : `${name} ${range}`);
    const file = files.get(name);
    return file ? answer(file, range, options) : new Response("not found", { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function answer(
  file: Uint8Array<ArrayBuffer>,
  range: string | null,
  { ranges = true, breaksOffAfter = Infinity }: MirrorOptions,
): Response {
  const start = ranges ? Number(range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0) : 0;
  const content = file.subarray(start);
  const headers = { "content-length": `${content.length}` };
  // An answer that ends before the length that it announces counts as broken off.
  const body = ReadableStream.from([content.subarray(0, breaksOffAfter)]);
  if (start === 0) return new Response(body, { headers });
  const contentRange = `bytes ${start}-${file.length - 1}/${file.length}`;
  return new Response(body, {
    status: 206,
    headers: { ...headers, "content-range": contentRange },
  });
}

export async function writeFiles(dir: string, files: Files): Promise<void> {
  for (const [name, content] of files) {
    const path = `${dir}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(path, content);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function idxFile(shape: readonly number[], elements: readonly number[]): number[] {
  const words = [0x800 + shape.length, ...shape];
  return [...words.flatMap((word) => [word >>> 24, word >>> 16, word >>> 8, word]), ...elements];
}

export function pack(content: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(new Uint8Array(content)));
}

/** Pixel `i` of the first image is `i % 256`, of the second one more, and so on. */
function pixelsOf(count: number): number[] {
  return Array.from({ length: count * 784 }, (_, i) => (i % 784 + Math.floor(i / 784)) % 256);
}

/** A data set of three training and two test images, its mirrors, and its files. */
export function tinyFashionMnist(
  ...mirrors: string[]
): { dataset: FashionMnistFiles; files: Files } {
  const files: Files = new Map();
  const publish = (
    name: string,
    shape: readonly [number, ...number[]],
    elements: readonly number[],
  ): Published => {
    const content = idxFile(shape, elements);
    const packed = pack(content);
    files.set(`${name}.gz`, packed);
    return { name, sha256: sha256Of(new Uint8Array(content)), shape, packed: packed.length };
  };
  const [first = "http://127.0.0.1:9/", ...others] = mirrors;
  const dataset = fashionMnistFiles(
    { title: "Tiny-MNIST", folder: "tiny-mnist" },
    [first, ...others],
    [
      publish("train-images", [3, 28, 28], pixelsOf(3)),
      publish("train-labels", [3], [9, 0, 3]),
      publish("test-images", [2, 28, 28], pixelsOf(2)),
      publish("test-labels", [2], [1, 2]),
    ],
  );
  return { dataset, files };
}

const PIXELS = 3072;

/** A batch of the binary version: the planes of an image begin with 1, 2 and 3 times its label. */
function records(labels: readonly number[]): Uint8Array<ArrayBuffer> {
  const images = labels.flatMap((label) => [
    label,
    ...Array.from({ length: PIXELS }, (_, i) => (i + label * (1 + Math.floor(i / 1024))) % 256),
  ]);
  return new Uint8Array(images);
}

function pickle(labels: readonly number[]): Uint8Array<ArrayBuffer> {
  const content = records(labels);
  const data = labels.flatMap((_, image) => {
    const at = image * (1 + PIXELS);
    return [...content.subarray(at + 1, at + 1 + PIXELS)];
  });
  return pickledBatch(labels, pickledArray([labels.length, PIXELS], data));
}

/** Packs files into an archive, in a folder and beside a file that does not matter. */
async function tarGz(folder: string, files: Files): Promise<Uint8Array<ArrayBuffer>> {
  const entries = [...files].map(([name, content]) => ({
    header: { name: `${folder}/${name}`, size: content.length },
    body: content,
  }));
  const readme = { header: { name: `${folder}/readme.html`, size: 4 }, body: "read" };
  const directory = { header: { name: `${folder}/`, size: 0, type: "directory" as const } };
  const archive = await packTar([directory, readme, ...entries.toReversed()]);
  return new Uint8Array(gzipSync(archive));
}

const within = (folder: string, files: Files): Files =>
  new Map([...files].map(([name, content]) => [`${folder}/${name}`, content]));

/** A data set of five training images in two batches and two test images. */
export interface TinyCifar10 {
  readonly dataset: Cifar10Files;
  readonly layouts: Readonly<Record<typeof LAYOUTS[number], Files>>;
}

export const LAYOUTS = [
  "unpacked",
  "gzip",
  "folder",
  "archive",
  "python folder",
  "python archive",
] as const;

/** Makes the data set; `url` is the folder of its mirror, with a slash at the end. */
export async function tinyCifar10(url = "http://127.0.0.1:9/"): Promise<TinyCifar10> {
  const labels = { data_batch_1: [3, 0, 9], data_batch_2: [1, 7], test_batch: [2, 5] };
  const batches = Object.entries(labels).map(([name, of]): Cifar10Batch => {
    return cifar10Batch(name, sha256Of(records(of)), of.length);
  });
  const each = (extension: string, content: (of: readonly number[]) => Uint8Array): Files =>
    new Map(
      Object.entries(labels).map(([name, of]) => [name + extension, new Uint8Array(content(of))]),
    );
  const binary = each(".bin", records);
  const python = each("", pickle);
  const archive = await tarGz("cifar-10-batches-bin", binary);
  const pythonArchive = await tarGz("cifar-10-batches-py", python);
  const layouts = {
    "unpacked": binary,
    "gzip": each(".bin.gz", (of) => gzipSync(records(of))),
    "folder": within("cifar-10-batches-bin", binary),
    "archive": new Map([["cifar-10-binary.tar.gz", archive]]),
    "python folder": within("cifar-10-batches-py", python),
    "python archive": new Map([["cifar-10-python.tar.gz", pythonArchive]]),
  };
  const dataset = cifar10Files(
    { title: "Tiny-CIFAR", folder: "tiny-cifar" },
    batches.slice(0, 2),
    batches.slice(2),
    {
      binary: { size: archive.length, urls: [`${url}cifar-10-binary.tar.gz`] },
      python: { size: pythonArchive.length, urls: [`${url}cifar-10-python.tar.gz`] },
    },
  );
  return { dataset, layouts };
}

/** A test of the files themselves, on a machine where `NORMBENCH_DATA` names a folder that has them. */
export function testRealFiles(name: string, use: (dataDir: string) => Promise<void>): void {
  const dataDir = Deno.env.get("NORMBENCH_DATA") ?? "";
  Deno.test({
    name: dataDir ? name : `${name} (NORMBENCH_DATA is not set)`,
    ignore: !dataDir,
    fn: () => use(dataDir),
  });
}
