/** Where data sets are looked for, and what the user is shown meanwhile. */
import { MissingError } from "../../norms/basics/errors.ts";
import { type Fetch, tellProgress } from "../run/download.ts";

/** What happens while data are found. */
export type DatasetEvent =
  /** Part of a file has arrived; sizes are in bytes. */
  | { kind: "progress"; file: string; from: string; received: number; size: number }
  /** A connection ended too early; what has arrived is kept, and the rest requested. */
  | { kind: "broken off"; file: string; from: string; reason: string }
  /** A server did not deliver, or delivered something else. */
  | { kind: "mirror failed"; file: string; from: string; reason: string }
  /** A file in the cache was damaged and has been renamed. */
  | { kind: "set aside"; path: string; reason: string }
  /** Another process is downloading the same data set. */
  | { kind: "waiting"; dataset: string };

/** Where to look, and what to call as things happen. */
export interface DatasetSource {
  /** Folder that holds data sets, or the files of this one; nothing else is searched. */
  readonly dataDir?: string;
  /** Called as things happen. */
  readonly onEvent?: (event: DatasetEvent) => void;
  /** In place of `fetch`, for tests. */
  readonly fetch?: Fetch;
  /** In place of `Deno.env.get`, for tests. */
  readonly env?: (name: string) => string | undefined;
}

/** A data set was not found and cannot be downloaded; no file of it is damaged. */
export class UnavailableError extends MissingError {}

/** Writes events to standard error: downloads at every tenth of a file. */
export function printEvents(): (event: DatasetEvent) => void {
  const tellers = new Map<string, (received: number, size: number) => void>();
  const tell = (line: string) => console.error(line);
  return (event) => {
    if (event.kind !== "progress") return tell(inWords(event));
    const { file, received, size } = event;
    const teller = tellers.get(file) ?? tellProgress(file, tell);
    tellers.set(file, teller);
    teller(received, size);
  };
}

function inWords(event: Exclude<DatasetEvent, { kind: "progress" }>): string {
  switch (event.kind) {
    case "broken off":
      return `${event.file}: ${event.from} broke off (${event.reason}); asking for the rest`;
    case "mirror failed":
      return `${event.file}: ${event.from} did not deliver it (${event.reason})`;
    case "set aside":
      return `Renamed to ${event.path}: ${event.reason}`;
    case "waiting":
      return `Waiting for another download of ${event.dataset} to end …`;
  }
}
