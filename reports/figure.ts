/**
 * Figures: what they have in common, such as axes, legends and log scales, and drawing them with Vega-Lite.
 *
 * Figures have no background and take the colour of the text around them, for light and dark pages.
 *
 * @module
 */
import { parse, View } from "npm:vega@6.4.0";
import { compile, type TopLevelSpec } from "npm:vega-lite@6.5.0";
import { escapeHtml } from "./escape.ts";

export type { TopLevelSpec };

/** A figure of a report. */
export interface Figure {
  /** Name of its files, without extension. */
  readonly name: string;
  /** Caption: one sentence, without its full stop. */
  readonly title: string;
  /** The drawing. */
  readonly svg: string;
  /** The Vega-Lite specification, data included. */
  readonly spec: object;
}

/** A figure before it is drawn. */
export interface FigureSpec extends Pick<Figure, "name" | "title"> {
  readonly spec: TopLevelSpec;
}

const SCHEMA_URL = "https://vega.github.io/schema/vega-lite/v6.json";
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/** The colour of the text around the figure. */
export const INK = "currentColor";

const CONFIG: NonNullable<TopLevelSpec["config"]> = {
  background: "transparent",
  font: FONT,
  aria: false,
  view: { stroke: null },
  axis: {
    labelColor: INK,
    titleColor: INK,
    domainColor: INK,
    tickColor: INK,
    gridColor: INK,
    gridOpacity: 0.14,
    domainOpacity: 0.5,
    tickOpacity: 0.5,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    titlePadding: 8,
  },
  header: { labelColor: INK, labelFontSize: 11, labelFontWeight: "bold", title: null },
  legend: {
    labelColor: INK,
    labelFontSize: 11,
    titleColor: INK,
    titleFontSize: 11,
    titleFontWeight: "normal",
    orient: "top",
    symbolStrokeWidth: 1.5,
  },
};

/** Powers of ten from `low` to `high`, about eight at most. */
export function decades(low: number, high: number): number[] {
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.ceil((last - first + 1) / 8);
  const exponents = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return exponents.filter((exponent) => exponent % step === 0).map((exponent) => 10 ** exponent);
}

/** Exponents of powers of ten beside which there is room for another. */
const LEAST_POWER = -306;
const MOST_POWER = 307;

/** The powers of ten around those of some numbers that a log scale can show. */
export function powersAround(values: readonly number[]): [number, number] {
  let [low, high] = [MOST_POWER, LEAST_POWER];
  for (const value of values) {
    if (!(value > 0 && value < Infinity)) continue;
    const exponent = Math.log10(value);
    low = Math.min(low, Math.max(LEAST_POWER, Math.floor(exponent)));
    high = Math.max(high, Math.min(MOST_POWER, Math.ceil(exponent)));
  }
  return low > high ? [1, 10] : [10 ** low, 10 ** high];
}

/** Labels of ticks at powers of ten: 0.01, 100, 1e6; the library's default is 1e+6. */
export const TICK_LABEL: string =
  "datum.value < 1e-3 || datum.value > 1e3 ? replace(format(datum.value, '.0e'), 'e+', 'e') : format(datum.value, '~g')";

/** The beginning of every specification. */
export const FRAME: Pick<TopLevelSpec, "$schema" | "config"> = {
  $schema: SCHEMA_URL,
  config: CONFIG,
};

/** A position on a log scale with ticks at powers of ten; `axis` overrides properties of the axis. */
export function logPosition<A extends object>(
  field: string,
  title: string,
  domain: [number, number],
  axis?: A,
) {
  return {
    field,
    type: "quantitative" as const,
    scale: { type: "log" as const, domain, nice: false },
    axis: { title, values: decades(...domain), labelExpr: TICK_LABEL, ...axis! },
  };
}

/** A position in the row that a field names. */
export function rowPosition(field: string) {
  const axis = { title: null, grid: true, ticks: false, domain: false, labelLimit: 260 };
  return { field, type: "nominal" as const, sort: null, axis: { ...axis, labelPadding: 9 } };
}

/** A channel that gives each name of `domain` its colour, shape or dash; `legend` overrides its properties. */
export function namedScale<T, L extends object>(
  field: string,
  domain: readonly string[],
  range: readonly T[],
  legend?: L | null,
) {
  return {
    field,
    type: "nominal" as const,
    scale: { domain: [...domain], range: [...range] },
    legend: legend === null ? null : { title: null, ...legend! },
  };
}

/** A vertical line at 1: the copy of a roofline, the budget of an error. */
export const LINE_AT_ONE = {
  data: { values: [{ one: 1 }] },
  mark: { type: "rule" as const, color: INK, strokeWidth: 1.2, opacity: 0.7 },
  encoding: { x: { field: "one", type: "quantitative" as const } },
};

export async function draw(figure: FigureSpec): Promise<Figure> {
  return { ...figure, svg: await drawSvg(figure.spec, figure.title) };
}

/**
 * Colour of text and axes in the files of figures, readable on white and on black.
 *
 * Figures draw in `currentColor`, so inline in a page they have the colour of its text.
 */
const MIDDLE_GREY = "#767b83";

/** Draws a specification, without a DOM; `title` is for screen readers. */
export async function drawSvg(spec: TopLevelSpec, title: string): Promise<string> {
  // The library changes the data that it draws.
  const compiled = compile(structuredClone(spec)).spec;
  const svg = await new View(parse(compiled), { renderer: "none" }).toSVG();
  const root = `role="img" aria-label="${escapeHtml(title)}" color="${MIDDLE_GREY}"`;
  return svg
    // A function, since a title may contain a replacement pattern such as $'.
    .replace('class="marks"', () => root)
    // Groups have roles and empty backgrounds that are not used.
    .replace(/ role="graphics-\w+" aria-roledescription="[^"]*"/g, "")
    .replace(/<path class="background" aria-hidden="true" d="M0,0h0v0h0Z"[^>]*\/>/g, "");
}
