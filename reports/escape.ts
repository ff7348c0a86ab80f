/**
 * Text from records made safe for HTML, Markdown, file names and terminals: records come from anywhere.
 *
 * @module
 */
import { oneLine } from "./format.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it can stand in an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Lengths that leave room for what is put before and after, in the 255 bytes of a file name. */
const NAME_LENGTH = 60;
const SLUG_LENGTH = 180;

/** Text as it can stand in a file name, an anchor or an address: letters of ASCII, digits, hyphens. */
export function slug(text: string, length = SLUG_LENGTH): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, length);
  return plain.replace(/^-|-$/g, "") || "unnamed";
}

/** The slug of each name, no two alike, and none of those that are `taken`. */
export function uniqueSlugs(names: readonly string[], taken: readonly string[] = []): string[] {
  const used = new Set(taken);
  return names.map((name) => {
    const first = slug(name, NAME_LENGTH);
    let unique = first;
    for (let number = 2; used.has(unique); number++) unique = `${first}-${number}`;
    used.add(unique);
    return unique;
  });
}

/** Records whose texts and names of fields are on one line and without control characters. */
export function plainRecords<T>(value: T): T;
export function plainRecords(value: unknown): unknown {
  if (typeof value === "string") return oneLine(value);
  if (Array.isArray(value)) return value.map(plainRecords);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [oneLine(key), plainRecords(inner)]),
  );
}

/** Text as it can stand in a line of Markdown, or in a cell of a table. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\\`*_[\]|~$#!]/g, "\\$&");
}
