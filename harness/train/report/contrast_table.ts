/**
 * Comparisons as a table and in words.
 *
 * @module
 */
import { type Block, tableBlocks } from "../../../reports/document.ts";
import { formatNumber } from "../../../reports/format.ts";
import { type Table, table } from "../../../reports/table.ts";
import {
  type Contrast,
  contrastSentence,
  formatP,
  formatRange,
  signed,
  winner,
} from "./contrast.ts";
import { unbroken } from "./words.ts";

/** Comparisons in words beyond this number open on demand. */
const LISTED = 12;

/** Comparisons of one table: the figures, and a sentence each. */
export function contrastBlocks(contrasts: readonly Contrast[]): Block[] {
  if (contrasts.length === 0) return [];
  const list: Block = { kind: "list", items: contrasts.map(contrastSentence) };
  const words: Block = contrasts.length <= LISTED
    ? list
    : { kind: "details", summary: "Each comparison in words", blocks: [list] };
  return [...tableBlocks(contrastTable(contrasts)), words];
}

function contrastTable(contrasts: readonly Contrast[]): Table {
  const measure = contrasts[0]!.measure;
  const gap = measure.unit === "" ? "gap" : `gap,${measure.unit}`;
  const headings = ["arm", "against", `${gap}#`, "95 % interval#"];
  return table(
    [...headings, "test", "n#", "p#", "p, Holm#", "Hedges’ g#", "the data say"],
    contrasts.map((
      each,
    ) => [unbroken(each.arm.label), unbroken(each.base.label), ...figures(each), readingOf(each)]),
  );
}

function figures({ found, adjusted, measure }: Contrast): string[] {
  if (found === null) return ["–", "–", "–", "–", "–", "–", "–"];
  const p = (value: number | null) => value === null ? "–" : formatP(value).replace("=\u00a0", "");
  return [
    signed(found.mean, measure),
    found.interval === null ? "–" : formatRange(found.interval, measure),
    found.test,
    String(found.size),
    p(found.p),
    p(adjusted),
    found.effect === null ? "–" : formatNumber(found.effect, 2).replace("-", "−"),
  ];
}

/** What a comparison comes to, in a word or two. */
export function readingOf(each: Contrast): string {
  if (each.reading !== "supported") return each.reading;
  return winner(each) > 0 ? "a gain" : "a loss";
}
