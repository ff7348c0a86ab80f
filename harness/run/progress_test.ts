import { assertEquals } from "@std/assert";
import { formatDuration } from "./progress.ts";

Deno.test("durations round before they are split, so that no minute has 60 seconds", () => {
  const durations = [0, 499, 59_400, 59_600, 119_700, 3_599_600, 4_800_000, -5];
  assertEquals(durations.map(formatDuration), [
    ...["0s", "0s", "59s", "1m 00s", "2m 00s", "1h 00m", "1h 20m", "0s"],
  ]);
});
