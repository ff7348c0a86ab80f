/**
 * Figures, drawn.
 *
 * @module
 */
import type { FigureSpec } from "./figure_style.ts";
import { drawSvg } from "./vega.ts";

/** A figure of a report. */
export interface Figure {
  /** Name of its files, without extension. */
  readonly name: string;
  /** What it shows, in a sentence. */
  readonly title: string;
  /** The drawing. */
  readonly svg: string;
  /** The Vega-Lite specification that it was drawn from, data included. */
  readonly spec: object;
}

/** Draws a figure. */
export async function draw(figure: FigureSpec): Promise<Figure> {
  return { ...figure, svg: await drawSvg(figure.spec, figure.title) };
}
