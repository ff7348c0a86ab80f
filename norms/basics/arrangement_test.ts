import { assertEquals, assertThrows } from "@std/assert";
import { type Arrangement, perFeature, perGroup, perSample } from "./arrangement.ts";

const ARRANGEMENTS: Readonly<Record<string, { got: Arrangement; expected: Arrangement }>> = {
  "per feature: all axes but one": {
    got: perFeature([2, 3, 4, 5], 1),
    expected: {
      shape: [2, 3, 4, 5],
      axes: [0, 2, 3],
      statisticsShape: [3],
      parameterAxes: [1],
      parameterShape: [3],
      parameterPermutation: [0],
      parameterView: [1, 3, 1, 1],
    },
  },
  "per sample: the axes named, parameters in their order": {
    got: perSample([2, 3, 4, 5], { axis: [-1, 1] }),
    expected: {
      shape: [2, 3, 4, 5],
      axes: [1, 3],
      statisticsShape: [2, 1, 4, 1],
      parameterAxes: [3, 1],
      parameterShape: [5, 3],
      parameterPermutation: [1, 0],
      parameterView: [1, 3, 1, 5],
    },
  },
  "per sample: from an axis to the last": {
    got: perSample([2, 3, 4, 5], { fromAxis: -2 }),
    expected: perSample([2, 3, 4, 5], { axis: [2, 3] }),
  },
  "per group: channels split in two axes": {
    got: perGroup([2, 3, 4, 6], -1, 3),
    expected: {
      shape: [2, 3, 4, 3, 2],
      axes: [1, 2, 4],
      statisticsShape: [2, 3],
      parameterAxes: [3],
      parameterShape: [6],
      parameterPermutation: [0],
      parameterView: [1, 1, 1, 3, 2],
    },
  },
  "per group, channels first": {
    got: perGroup([2, 6, 4, 5], 1, 2),
    expected: {
      shape: [2, 2, 3, 4, 5],
      axes: [2, 3, 4],
      statisticsShape: [2, 2],
      parameterAxes: [1],
      parameterShape: [6],
      parameterPermutation: [0],
      parameterView: [1, 2, 3, 1, 1],
    },
  },
};

for (const [name, { got, expected }] of Object.entries(ARRANGEMENTS)) {
  Deno.test(name, () => assertEquals(got, expected));
}

Deno.test("groups that do not divide the channels are refused", () => {
  for (const groups of [4, 0, -2, 1.5, 12]) {
    assertThrows(
      () => perGroup([2, 6], -1, groups),
      RangeError,
      `groups ${groups} does not divide the 6 channels of axis 1`,
    );
  }
});

Deno.test("the axis of the samples holds no channels", () => {
  for (const axis of [0, -3]) {
    assertThrows(() => perGroup([4, 5, 6], axis, 2), RangeError, "axis 0 holds the samples");
  }
});
