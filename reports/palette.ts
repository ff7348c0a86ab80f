/**
 * Colours of the figures: after Okabe and Ito, whose colours the colour-blind tell apart, with the blue
 * lightened so that it is seen on dark pages too.
 *
 * @see https://jfly.uni-koeln.de/color/
 * @module
 */

/** Of the custom norm, or of its implementations in turn. */
export const CUSTOM_COLOURS: readonly [string, ...string[]] = [
  "#2381c4",
  "#cc79a7",
  "#009e73",
  "#56b4e9",
];

/** Of the reference, or of several in turn. */
export const REFERENCE_COLOURS: readonly [string, ...string[]] = [
  "#d55e00",
  "#e69f00",
  "#8c6d1f",
];

/** Of other frameworks. */
export const PEER_COLOURS: readonly [string, ...string[]] = ["#8e6bbf", "#c2185b"];

/** Of a network without a norm; every norm has a colour in its record. */
export const WITHOUT_NORM_COLOUR = "#868d96";

/** Of sizes in order, from orange by purple to blue; all are seen on light and on dark. */
export const SEQUENCE: readonly [string, ...string[]] = [
  "#e8a010",
  "#e6792f",
  "#d65a5c",
  "#bb4f8c",
  "#9457ad",
  "#6f68c2",
  "#4a82cc",
  "#35a0c8",
];
