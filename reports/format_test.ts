import { assertEquals } from "@std/assert";
import {
  count,
  formatFloat32,
  formatNumber,
  formatOptions,
  oneLine,
  plainText,
  wrapLine,
} from "./format.ts";

Deno.test("formatNumber keeps the significant digits and no more", () => {
  const written = [0, 0.042, 1.2345, 12.345, 1234.5, 99999, 3.1e5, 1.234e-7, -0.5, -1.5e-9]
    .map((value) => formatNumber(value));
  assertEquals(written, [
    "0",
    "0.0420",
    "1.23",
    "12.3",
    "1235",
    "1.00e5",
    "3.10e5",
    "1.23e-7",
    "-0.500",
    "-1.50e-9",
  ]);
});

Deno.test("formatNumber decides on the exponent after rounding", () => {
  assertEquals(formatNumber(0.99999), "1.00");
  assertEquals(formatNumber(9.999), "10.0");
});

Deno.test("formatNumber writes what is not finite", () => {
  assertEquals([NaN, Infinity, -Infinity].map((value) => formatNumber(value)), ["NaN", "∞", "-∞"]);
});

Deno.test("formatFloat32 distinguishes neighbouring float32", () => {
  const next = Math.fround(1 + 2 ** -23);
  assertEquals([1, next].map(formatFloat32), ["1", "1.00000012"]);
  assertEquals(formatFloat32(NaN), "NaN");
});

Deno.test("oneLine removes line breaks, control characters and colours, and cuts at the limit", () => {
  assertEquals(oneLine(" a\r\n\tb \u001b[31mred\u001b[0m\u0000 c "), "a b red c");
  assertEquals(oneLine("abcdef", 4), "abc…");
});

Deno.test("wrapLine breaks at spaces, keeps the indent, and leaves a long word whole", () => {
  assertEquals(
    wrapLine(`  ${"abc ".repeat(20)}end`, "  "),
    `  ${"abc ".repeat(18)}abc\n    abc end`,
  );
  assertEquals(wrapLine("a  b"), "a  b");
  assertEquals(wrapLine(`a ${"b".repeat(90)} c`), `a\n  ${"b".repeat(90)}\n  c`);
});

Deno.test("formatOptions writes nested options, and numbers that are not finite", () => {
  assertEquals(
    formatOptions({ axis: [1, 2], clip: { max: Infinity }, scale: false }),
    "axis=[1, 2], clip={max=Infinity}, scale=false",
  );
});

Deno.test("count agrees in number", () => {
  assertEquals([0, 1, 2].map((number) => count(number, "case")), ["0 cases", "1 case", "2 cases"]);
});

const PLAIN_TEXTS: readonly (readonly [string, string])[] = [
  ["lines\n\tand tabs, Ünïcode ✓ 规范", "lines\n\tand tabs, Ünïcode ✓ 规范"],
  ["\u001b[31mred\u001b[0m \u001b[2J\u009b1;1Hhome", "red home"],
  ["\u001b]0;title\u0007 \u001bc", " ]0;title   c"],
  ["over\rwritten\u0008\u007f\0\u0085", "over written    "],
  ["\u202eback\u2066wards", " back wards"],
];

for (const [text, plain] of PLAIN_TEXTS) {
  Deno.test(`plainText leaves ${JSON.stringify(plain)}`, () => {
    assertEquals(plainText(text), plain);
  });
}
