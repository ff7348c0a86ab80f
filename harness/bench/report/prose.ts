/**
 * What a reader has to know to read a bench report.
 *
 * @module
 */

/** Paragraphs under the heading "How to read it". */
export const HOW_TO_READ: readonly string[] = [
  "Contenders of a group take turns, in an order drawn anew for every round, in one process. So what slows the machine slows all of them, and ratios of their medians are trustworthy where times are not. A time ratio below 1 means that the implementation is the faster one; the brackets hold its 95 % bootstrap interval, ▼ marks what is faster, ▲ what is slower, and ≈ an interval that holds 1.",
  "A sample is a number of runs and one forced completion: work that is queued and not done takes no time. The cost of a completion with nothing to wait for is shown with the bandwidths. What takes seconds for a single run is run once, and its ratios have no interval worth the name.",
  "cold: inputs rotate over more bytes than a cache holds. hot: they may stay in one.",
  "The copy is the operation of the backend that streams fastest, reading one tensor and writing one of the same size, in turns with the others. Traffic is the least that a norm has to move: 2 tensors forward, 3 more backward. Its share of what the copy moved in the same time says how much there is to gain; weight norm counts its kernel, which a layer multiplies by one sample.",
  "textbook is the formula as a careful student writes it, without what protects the other implementations from extreme data.",
  "memory and tensors are the most that were held at once beyond inputs and weights. device is the time of the kernels by the clock of a graphics card, where it has one.",
  "~ marks a group during which the speed of the machine changed by more than a quarter.",
];
