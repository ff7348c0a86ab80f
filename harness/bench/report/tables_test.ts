import { assertEquals } from "@std/assert";
import { formatInterval, formatRate, formatSeconds, formatShare } from "./tables.ts";

Deno.test("times and rates have units that suit them", () => {
  assertEquals(
    [2.5, 1.234e-3, 4e-6, 5e-9, 0, NaN].map(formatSeconds),
    ["2.50 s", "1.23 ms", "4.00 µs", "5.00 ns", "0 ns", "NaN ns"],
  );
  assertEquals(formatRate(3.21e9, "B/s"), "3.21 GB/s");
  assertEquals(formatRate(12), "12.0");
  assertEquals(formatRate(null), "–");
  assertEquals(formatShare(0.123), "12 %");
  assertEquals(formatInterval(0.5, 0.4, 0.6), "0.500 [0.400, 0.600]");
});
