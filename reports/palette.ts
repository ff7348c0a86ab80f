/**
 * Colours of figures: those of Okabe and Ito, which colour-blind readers can distinguish, with a lighter
 * blue for dark pages.
 *
 * @see https://jfly.uni-koeln.de/color/
 * @module
 */

/** For the custom norm, or its implementations in order. */
export const CUSTOM_COLOURS: readonly [string, ...string[]] = [
  "#2381c4",
  "#cc79a7",
  "#009e73",
  "#56b4e9",
];

/** For the reference, or several in order. */
export const REFERENCE_COLOURS: readonly [string, ...string[]] = [
  "#d55e00",
  "#e69f00",
  "#8c6d1f",
];

/** For other frameworks. */
export const PEER_COLOURS: readonly [string, ...string[]] = ["#8e6bbf", "#c2185b"];

/** For networks without a norm; a norm has its colour in its record. */
export const WITHOUT_NORM_COLOUR = "#868d96";

/** For ordered sizes, from orange through purple to blue; visible on light and dark pages. */
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
