/**
 * Draws Vega-Lite specifications as SVG; the only module that imports Vega.
 *
 * @module
 */
import { parse, View } from "npm:vega@6.4.0";
import { compile, type TopLevelSpec } from "npm:vega-lite@6.5.0";
import { escapeHtml } from "./escape.ts";

export type { TopLevelSpec };

/**
 * Colour of texts and axes where the page around the figure sets none: as far from white as from black.
 *
 * The figures draw in `currentColor`, so a page that holds them inline gives them its own.
 */
const MIDDLE_GREY = "#767b83";

/** Draws a specification, without a DOM; `title` is what a screen reader says of the figure. */
export async function drawSvg(spec: TopLevelSpec, title: string): Promise<string> {
  // The library marks the data that it draws; the caller's stay as they are.
  const compiled = compile(structuredClone(spec)).spec;
  const svg = await new View(parse(compiled), { renderer: "none" }).toSVG();
  const root = `role="img" aria-label="${escapeHtml(title)}" color="${MIDDLE_GREY}"`;
  return svg
    // A function, since a title may hold what replace() takes for a pattern, such as $'.
    .replace('class="marks"', () => root)
    // Groups announce themselves as graphics of their own and have empty backgrounds; neither is used.
    .replace(/ role="graphics-\w+" aria-roledescription="[^"]*"/g, "")
    .replace(/<path class="background" aria-hidden="true" d="M0,0h0v0h0Z"[^>]*\/>/g, "");
}
