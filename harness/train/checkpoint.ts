/** What a trial continues from when its run was cut off. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { OptimizerState } from "../../models/optimizer.ts";
import { DamagedData } from "../../norms/basics/errors.ts";

/** Everything that the next epochs of a trial depend on, apart from its description. */
export interface Checkpoint {
  readonly trial: string;
  readonly epoch: number;
  /** Loss of the last steps, the newest last. */
  readonly losses: readonly number[];
  /** Training images a second, of every epoch so far. */
  readonly speeds: readonly number[];
  /** The weights of the model in its own order, running statistics among them. */
  readonly weights: readonly Float32Array[];
  readonly optimizer: OptimizerState;
}

/** The line after the digest of all that follows; then come the arrays as little-endian float32. */
interface Preamble extends Omit<Checkpoint, "weights" | "optimizer"> {
  readonly step: number;
  /** Elements of each array. */
  readonly weights: readonly number[];
  readonly moments: readonly number[];
}

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
const NEWLINE = 10;

/** Characters of a digest in hexadecimal. */
const DIGEST = 64;

export class CheckpointFile {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "checkpoint.bin");
  }

  /** Replaces the one before, atomically. */
  write(checkpoint: Checkpoint): void {
    const partial = `${this.#path}.part`;
    Deno.writeFileSync(partial, encode(checkpoint));
    Deno.renameSync(partial, this.#path);
  }

  /**
   * The checkpoint of this trial, if there is one.
   *
   * @param onDamage Called with a message if the file is damaged or cut short, which counts as missing.
   */
  read(trial: string, onDamage: (message: string) => void): Checkpoint | undefined {
    try {
      const checkpoint = decode(Deno.readFileSync(this.#path));
      return checkpoint.trial === trial ? checkpoint : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      if (!(error instanceof DamagedData)) throw error;
      onDamage(`${this.#path} is damaged: ${error.message}. ${trial} starts again.`);
      return undefined;
    }
  }

  remove(): void {
    try {
      Deno.removeSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function encode({ weights, optimizer, ...rest }: Checkpoint): Uint8Array {
  const lengths = (arrays: readonly Float32Array[]) => arrays.map(({ length }) => length);
  const preamble: Preamble = {
    ...rest,
    step: optimizer.step,
    weights: lengths(weights),
    moments: lengths(optimizer.moments),
  };
  const head = new TextEncoder().encode(`\n${JSON.stringify(preamble)}\n`);
  const arrays = [...weights, ...optimizer.moments];
  const length = DIGEST + head.length + FLOAT * arrays.reduce((n, a) => n + a.length, 0);
  const bytes = new Uint8Array(length);
  bytes.set(head, DIGEST);
  let offset = DIGEST + head.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  bytes.set(new TextEncoder().encode(digestOf(bytes)));
  return bytes;
}

/** SHA-256 of what follows the digest. */
function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes.subarray(DIGEST)).digest("hex");
}

/** Throws {@linkcode DamagedData} if bytes are not as they were written, as after a power cut. */
function decode(bytes: Uint8Array): Checkpoint {
  const decoder = new TextDecoder();
  if (decoder.decode(bytes.subarray(0, DIGEST)) !== digestOf(bytes)) {
    throw new DamagedData("its SHA-256 is another than it says");
  }
  const end = bytes.indexOf(NEWLINE, DIGEST + 1);
  const text = decoder.decode(bytes.subarray(DIGEST, end));
  const { step, weights, moments, ...rest } = JSON.parse(text) as Preamble;
  let offset = end + 1;
  const arrays = [...weights, ...moments].map((length) => {
    const array = new Float32Array(bytes.slice(offset, offset + FLOAT * length).buffer);
    offset += FLOAT * length;
    return array;
  });
  return {
    ...rest,
    weights: arrays.slice(0, weights.length),
    optimizer: { step, moments: arrays.slice(weights.length) },
  };
}
