import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { RandomState } from "../../fixtures/numpy_random.ts";
import type { DemonstrationRecord } from "./record.ts";
import { demonstrations } from "./demonstrations.ts";
import { matrix } from "./matrix.ts";

const IMAGES = matrix([20, 27], new RandomState(1).rand(20, 27).map((u) => 255 * u));
const RECORDS = new Map((await demonstrations(IMAGES)).map((record) => [record.question, record]));

function column(question: string, i: number): Record<string, number> {
  const { rows }: DemonstrationRecord = RECORDS.get(question)!;
  return Object.fromEntries(rows.map(({ label, values }) => [label, values[i]!]));
}

Deno.test("option 3 is analogous to batch norm, 2 and 1 to layer norm, 4 to neither", () => {
  const [pattern, brighter, others] = [0, 1, 2].map((i) => column("preprocessing", i));
  for (const label of ["3: subtract the mean image", "batch norm"]) {
    assertLess(pattern![label]!, 1e-12);
    assertGreater(others![label]!, 0.01);
  }
  const perImage = [
    "1: scale each row of pixels to sum 1",
    "2: scale each image to sum 1",
    "layer norm",
  ];
  for (const label of [...perImage, "4: threshold to 0 or 1"]) {
    assertGreater(pattern![label]!, 0.01);
    assertEquals(others![label]!, 0);
  }
  for (const label of perImage) assertLess(brighter![label]!, 1e-6);
  for (const label of ["3: subtract the mean image", "4: threshold to 0 or 1"]) {
    assertGreater(brighter![label]!, 0.1);
  }
});

Deno.test("the scale of the weights passes through a plain network, and not through batch norm", () => {
  const [plain, normalized] = [column("scale", 0), column("scale", 1)];
  // Five layers: ten times the scale is a hundred thousand times the output.
  assert(Math.abs(plain["1"]! / plain["0.1"]! / 1e5 - 1) < 1e-9);
  assert(Math.abs(normalized["1"]! / normalized["0.1"]! - 1) < 1e-3);
});

Deno.test("the smaller the batch, the more batch norm depends on it; layer norm never does", () => {
  const values = Object.values(column("batch size", 0));
  assertGreater(values.length, 2);
  values.slice(1).forEach((value, i) => assertLess(value, values[i]!));
  assertEquals(new Set(Object.values(column("batch size", 1))), new Set([0]));
});

Deno.test("layer norm leaves little of two features, and of small weights", () => {
  const features = column("few features", 0);
  assertLess(features["2"]!, 0.1);
  assertGreater(features["100"]!, 0.5);
  const weights = column("small weights", 0);
  assertLess(Math.abs(weights["1"]! - 1), 1e-3);
  assertLess(weights["0.00001"]!, 0.01);
});
