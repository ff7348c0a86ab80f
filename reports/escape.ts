/**
 * Makes text safe for HTML, Markdown, file names and terminals: records may come from anywhere.
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

/** Text for an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Maximum lengths: with prefix and extension a file name stays below 255 bytes. */
const NAME_LENGTH = 60;
const SLUG_LENGTH = 180;

/** Text for a file name, an anchor or a URL: ASCII letters, digits and hyphens. */
export function slug(text: string, length = SLUG_LENGTH): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, length);
  return plain.replace(/^-|-$/g, "") || "unnamed";
}

/** A slug for each name, all different, and different from those in `taken`. */
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

/**
 * Records with their texts and field names on one line and without control characters; what has none is
 * not copied.
 *
 * A text that is the name of a property of every object is quoted: the library that draws looks names
 * up in objects.
 */
export function plainRecords<T>(value: T): T;
export function plainRecords(value: unknown): unknown {
  if (typeof value === "string") return plainName(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const plain = value.map(plainRecords);
    return plain.every((inner, index) => Object.is(inner, value[index])) ? value : plain;
  }
  let isPlain = true;
  const entries = Object.entries(value).map(([key, inner]) => {
    const [plainKey, plain] = [plainName(key), plainRecords(inner)];
    isPlain &&= plainKey === key && Object.is(plain, inner);
    return [plainKey, plain];
  });
  return isPlain ? value : Object.fromEntries(entries);
}

function plainName(text: string): string {
  const line = oneLine(text);
  return line in {} ? `"${line}"` : line;
}

/** Text for a line of Markdown, or a cell of a table. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\\`*_[\]|~$#!]/g, "\\$&");
}
