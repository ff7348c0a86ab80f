import { assertEquals } from "@std/assert";
import { markdownTable, textTable } from "./table.ts";

Deno.test("textTable aligns texts to the left and numbers to the right", () => {
  const columns = [{ heading: "norm", numeric: false }, { heading: "worst", numeric: true }];
  assertEquals(
    textTable({ columns, rows: [["layer", "0.5"], ["rms", "3.1e5"]] }),
    "norm   worst\nlayer    0.5\nrms    3.1e5",
  );
});

Deno.test("markdownTable escapes its cells and sets numbers to the right", () => {
  const columns = [{ heading: "case", numeric: false }, { heading: "worst", numeric: true }];
  assertEquals(
    markdownTable({ columns, rows: [["a|b\nc", "1"]] }),
    "| case | worst |\n| --- | ---: |\n| a\\|b c | 1 |",
  );
});
