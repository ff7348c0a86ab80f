/** What a trial continues from when its run was cut off. */
import { join } from "node:path";
import type { OptimizerState } from "../../models/optimizer.ts";

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

/** The first line of the file; the arrays follow as little-endian float32. */
interface Preamble extends Omit<Checkpoint, "weights" | "optimizer"> {
  readonly step: number;
  /** Elements of each array. */
  readonly weights: readonly number[];
  readonly moments: readonly number[];
}

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
const NEWLINE = 10;

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

  /** The checkpoint of this trial; undefined where there is none that is whole. */
  read(trial: string): Checkpoint | undefined {
    try {
      const checkpoint = decode(Deno.readFileSync(this.#path));
      return checkpoint?.trial === trial ? checkpoint : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
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
  const text = new TextEncoder().encode(JSON.stringify(preamble) + "\n");
  const arrays = [...weights, ...optimizer.moments];
  const bytes = new Uint8Array(text.length + FLOAT * arrays.reduce((n, a) => n + a.length, 0));
  bytes.set(text);
  let offset = text.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return bytes;
}

/** Undefined where the file is not whole, as a power cut may leave it: its trial then starts again. */
function decode(bytes: Uint8Array): Checkpoint | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end === -1) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(0, end));
  const { step, weights, moments, ...rest } = JSON.parse(text) as Preamble;
  const lengths = [...weights, ...moments];
  if (bytes.length !== end + 1 + FLOAT * lengths.reduce((a, b) => a + b, 0)) return undefined;
  let offset = end + 1;
  const arrays = lengths.map((length) => {
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
