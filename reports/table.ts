/**
 * Tables, and how they are written as plain text, Markdown and HTML.
 *
 * @module
 */
import { escapeHtml, escapeMarkdown } from "./escape.ts";

/** Plain text in cells under headings; numeric columns are right-aligned. */
export interface Table {
  readonly columns: readonly { readonly heading: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

/** Makes a table; a heading that ends in `#` is that of a numeric column. */
export function table(headings: readonly string[], rows: Table["rows"]): Table {
  const columns = headings.map((heading) => ({
    heading: heading.replace(/#$/, ""),
    numeric: heading.endsWith("#"),
  }));
  return { columns, rows };
}

/** Writes a table as plain text, aligned with spaces. */
export function textTable({ columns, rows }: Table): string {
  if (rows.length === 0) return "";
  const lines = [columns.map(({ heading }) => heading), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => (line[index] ?? "").length))
  );
  return lines.map((line) =>
    line.map((cell, index) => {
      const width = widths[index] ?? 0;
      return columns[index]?.numeric ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd()
  ).join("\n");
}

/** Writes a table in Markdown. */
export function markdownTable({ columns, rows }: Table): string {
  const lines = [
    columns.map(({ heading }) => escapeMarkdown(heading)),
    columns.map(({ numeric }) => numeric ? "---:" : "---"),
    ...rows.map((row) => row.map(escapeMarkdown)),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Writes a table in HTML that scrolls where it is too wide; `cell` writes the content of a cell. */
export function htmlTable(
  { columns, rows }: Table,
  cell: (text: string, row: number, column: number) => string = escapeHtml,
): string {
  const open = (tag: string, column: number) =>
    columns[column]?.numeric ? `<${tag} class="n">` : `<${tag}>`;
  const head = columns.map(({ heading }, column) => `${open("th", column)}${escapeHtml(heading)}`);
  const body = rows.map((cells, row) =>
    `<tr>${cells.map((text, column) => open("td", column) + cell(text, row, column)).join("")}`
  );
  return `<div class="scroll"><table><thead><tr>${head.join("")}<tbody>\n${
    body.join("\n")
  }</table></div>`;
}
