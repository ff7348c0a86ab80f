/**
 * Lines of a file that may come from anywhere, within bounded memory.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { messageOf } from "../../norms/basics/errors.ts";

const MEGABYTE = 2 ** 20;

/** Megabytes of a line; the longest record of the reference runs has 18 kB. */
const LONGEST_LINE = 16;

/** Megabytes that an archive may unpack to, since it is unpacked in memory. */
const UNPACKED = 256;

const NEWLINE = 10;

/** The lines of a file, packed with gzip or not, each with its line break. */
export class LinesOfFile implements Iterable<string> {
  /** Bytes up to and with the last line break that was read. */
  ended = 0;
  /** Whether nothing came after that. */
  isEnded = true;

  /**
   * @param path Its path; `.gz` at the end says that it is packed.
   * @param refuse Makes the error of a file that cannot be read.
   */
  constructor(readonly path: string, private readonly refuse: (reason: string) => Error) {}

  *[Symbol.iterator](): Generator<string> {
    const decoder = new TextDecoder();
    let rest: Uint8Array[] = [];
    let length = 0;
    let number = 1;
    const decode = (piece: Uint8Array) => {
      const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      length = 0;
      return decoder.decode(line);
    };
    for (const piece of this.#pieces()) {
      let start = 0;
      for (let end; (end = piece.indexOf(NEWLINE, start)) !== -1; start = end + 1, number++) {
        this.ended += length + end + 1 - start;
        yield decode(piece.subarray(start, end + 1));
      }
      rest.push(piece.slice(start));
      length += piece.length - start;
      if (length <= LONGEST_LINE * MEGABYTE) continue;
      throw this.refuse(`line ${number} is longer than ${LONGEST_LINE} MB, as no record is`);
    }
    this.isEnded = length === 0;
    if (!this.isEnded) yield decode(new Uint8Array());
  }

  *#pieces(): Generator<Uint8Array> {
    if (this.path.endsWith(".gz")) return yield this.#try(() => this.#unpacked());
    using file = this.#try(() => Deno.openSync(this.path));
    const piece = new Uint8Array(MEGABYTE);
    for (let length; (length = this.#try(() => file.readSync(piece))) !== null;) {
      yield piece.subarray(0, length);
    }
  }

  #unpacked(): Uint8Array {
    const options = { maxOutputLength: UNPACKED * MEGABYTE };
    try {
      return gunzipSync(Deno.readFileSync(this.path), options);
    } catch (cause) {
      if ((cause as { code?: unknown }).code !== "ERR_BUFFER_TOO_LARGE") throw cause;
      throw new Error(`it unpacks to more than ${UNPACKED} MB`, { cause });
    }
  }

  #try<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw this.refuse(messageOf(cause));
    }
  }
}
