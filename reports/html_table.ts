/**
 * Tables in HTML.
 *
 * @module
 */
import { escapeHtml } from "./escape.ts";
import type { Table } from "./table.ts";

/** Writes a table that scrolls where it is too wide; `cell` may write a cell of its own. */
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
