/**
 * Where data sets are looked for, and what happens on the way.
 *
 * @module
 */
import { MissingError } from "../../norms/basics/errors.ts";
import type { Fetch } from "./download.ts";

/** What happens while data are found, for whoever shows it to the user. */
export type DatasetEvent =
  /** Part of a file has arrived; sizes are in bytes. */
  | { kind: "progress"; file: string; from: string; received: number; size: number }
  /** A connection ended too early; what has arrived is kept, and the rest asked for. */
  | { kind: "broken off"; file: string; from: string; reason: string }
  /** A server did not deliver, or delivered something else. */
  | { kind: "mirror failed"; file: string; from: string; reason: string }
  /** A file in the cache was damaged and is out of the way now. */
  | { kind: "set aside"; path: string; reason: string }
  /** Another process is downloading the same data set. */
  | { kind: "waiting"; dataset: string };

/** Where to look, and whom to tell. */
export interface DatasetSource {
  /** Folder that holds data sets, or the files of this one; nothing else is looked at. */
  readonly dataDir?: string;
  /** Called as things happen. */
  readonly onEvent?: (event: DatasetEvent) => void;
  /** Asks a server; tests put their own in place. */
  readonly fetch?: Fetch;
  /** Reads an environment variable; tests put their own in place. */
  readonly env?: (name: string) => string | undefined;
}

/** A data set is neither where it was looked for nor to be downloaded; nothing of it is damaged. */
export class UnavailableError extends MissingError {}
