import { assertEquals } from "@std/assert";
import type { Failure } from "../run/record.ts";
import { blamesCustom, type Figures, type Verdict } from "./record.ts";
import { gravest, judge } from "./verdict.ts";

function figures(ratio: number): Figures {
  return {
    maxAbsolute: 0,
    meanAbsolute: 0,
    maxRelative: 0,
    meanRelative: 0,
    maxUlp: 0,
    meanUlp: 0,
    ratio,
    worst: { index: [0], got: 0, expected: 0, budget: 0 },
  };
}

const ANSWERS = {
  within: figures(1),
  outside: figures(1.001),
  "without a number": figures(Infinity),
  failing: { error: "it is not implemented" },
} satisfies Record<string, Figures | Failure>;

type Answer = keyof typeof ANSWERS;

const TRUTH_TABLE: readonly (readonly [Answer, Answer, Verdict])[] = [
  ["within", "within", "agree"],
  ["within", "outside", "reference wrong"],
  ["within", "without a number", "reference wrong"],
  ["within", "failing", "reference cannot"],
  ["outside", "within", "custom wrong"],
  ["outside", "outside", "both off"],
  ["outside", "failing", "custom wrong"],
  ["without a number", "within", "custom wrong"],
  ["without a number", "without a number", "both off"],
  ["failing", "within", "custom wrong"],
  ["failing", "outside", "both off"],
  ["failing", "failing", "both off"],
];

for (const [custom, reference, verdict] of TRUTH_TABLE) {
  Deno.test(`custom ${custom}, reference ${reference}: ${verdict}`, () => {
    assertEquals(judge(ANSWERS[custom], ANSWERS[reference]), verdict);
  });
}

Deno.test("of several verdicts the gravest counts, a fault of the custom norm most", () => {
  const order: Verdict[] = [
    "agree",
    "reference cannot",
    "reference wrong",
    "both off",
    "custom wrong",
  ];
  order.forEach((verdict, i) => {
    assertEquals(gravest(order.slice(0, i + 1)), verdict);
    assertEquals(gravest(order.slice(0, i + 1).reverse()), verdict);
  });
});

Deno.test("the custom norm is to blame where it is off, with the reference or without", () => {
  const blamed = TRUTH_TABLE.map(([, , verdict]) => verdict).filter(blamesCustom);
  assertEquals(new Set(blamed), new Set<Verdict>(["custom wrong", "both off"]));
});
