/**
 * The colours of contenders: blue to green for the custom ones, orange to brown for references,
 * purple for other frameworks, and the colour of the text for the copy.
 *
 * @module
 */
import type { ContenderRole } from "../record.ts";
import { INK } from "../../../reports/figure.ts";
import { CUSTOM_COLOURS, REFERENCE_COLOURS } from "../../../reports/palette.ts";
import { type Group, timingsOf } from "./model.ts";

/** Of other frameworks, apart from those of references. */
const PEER_COLOURS = ["#8e6bbf", "#c2185b"];

/** A scale of colours by contender, with its legend. */
export function contenderScale(groups: readonly Group[]) {
  const roles = new Map(
    groups.flatMap(timingsOf).map(({ name, role }): [string, ContenderRole] => [name, role]),
  );
  const names = (isOf: (role: ContenderRole) => boolean) =>
    [...roles].filter(([, role]) => isOf(role)).map(([name]) => name);
  const customs = names((role) => role === "custom");
  const references = names((role) => role === "reference");
  const peers = names((role) => role === "peer");
  const copies = names((role) => role === "copy");
  const cycle = (colours: readonly string[], index: number) => colours[index % colours.length]!;
  return {
    scale: {
      domain: [...customs, ...references, ...peers, ...copies],
      range: [
        ...customs.map((_, index) => cycle(CUSTOM_COLOURS, index)),
        ...references.map((_, index) => cycle(REFERENCE_COLOURS, index)),
        ...peers.map((_, index) => cycle(PEER_COLOURS, index)),
        ...copies.map(() => INK),
      ],
    },
    legend: { title: null, symbolOpacity: 1, columns: 4, labelLimit: 0 },
  };
}
