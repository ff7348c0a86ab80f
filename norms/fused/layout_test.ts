import { assertEquals } from "@std/assert";
import { type Arrangement, perFeature, perGroup, perSample } from "../basics/arrangement.ts";
import { groupCount, groupLength, type Layout, layoutOf, parameterCount } from "./layout.ts";

/** Samples, before, channels, features, after, and whether parameters are per channel. */
function row(layout: Layout | undefined) {
  if (layout === undefined) return undefined;
  const { samples, before, channels, features, after, perChannel } = layout;
  return [samples, before, channels, features, after, perChannel];
}

const ARRANGEMENTS: Readonly<Record<string, [Arrangement, ReturnType<typeof row>]>> = {
  "layer norm": [perSample([6, 5]), [1, 1, 6, 5, 1, false]],
  "layer norm over several axes": [perSample([6, 5, 4, 3], { axis: [1, 2, 3] }), [
    1,
    1,
    6,
    60,
    1,
    false,
  ]],
  "layer norm over the first axis": [perSample([6, 5], { axis: 0 }), undefined],
  "layer norm over scattered axes": [perSample([6, 5, 4, 3], { axis: [1, 3] }), undefined],
  "batch norm": [perFeature([6, 5], -1), [1, 6, 5, 1, 1, true]],
  "batch norm of images": [perFeature([6, 5, 4, 3], -1), [1, 120, 3, 1, 1, true]],
  "batch norm, channels first": [perFeature([6, 5, 4, 3], 1), [1, 6, 5, 1, 12, true]],
  "batch norm of one sample": [perFeature([1, 5], -1), [1, 1, 5, 1, 1, true]],
  "batch norm of one feature": [perFeature([6, 1], -1), [1, 1, 1, 1, 6, false]],
  "group norm": [perGroup([6, 5, 4, 9], -1, 3), [6, 20, 3, 3, 1, true]],
  "group norm of features": [perGroup([6, 9], -1, 3), [6, 1, 3, 3, 1, true]],
  "group norm, channels first": [perGroup([6, 9, 5, 4], 1, 3), [6, 1, 3, 3, 20, true]],
  "instance norm": [perGroup([6, 5, 4, 9], -1, 9), [6, 20, 9, 1, 1, true]],
  "instance norm, channels first": [perGroup([6, 9, 5, 4], 1, 9), [6, 1, 9, 1, 20, true]],
};

for (const [name, [arrangement, expected]] of Object.entries(ARRANGEMENTS)) {
  Deno.test(`the layout of ${name}`, () => assertEquals(row(layoutOf(arrangement)), expected));
}

Deno.test("without parameters, all that is averaged over is one axis", () => {
  assertEquals(row(layoutOf({ shape: [6, 5, 4], axes: [1, 2], parameterView: [1, 1, 1] })), [
    1,
    1,
    6,
    1,
    20,
    false,
  ]);
});

Deno.test("a layout counts groups, their values and parameters", () => {
  const counts = (arrangement: Arrangement) => {
    const layout = layoutOf(arrangement)!;
    return [groupCount(layout), groupLength(layout), parameterCount(layout)];
  };
  assertEquals(counts(perSample([6, 5])), [6, 5, 5]);
  assertEquals(counts(perFeature([6, 5], -1)), [5, 6, 5]);
  assertEquals(counts(perGroup([6, 5, 4, 9], -1, 3)), [18, 60, 9]);
});
