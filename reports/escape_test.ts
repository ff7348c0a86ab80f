import { assertEquals } from "@std/assert";
import { escapeHtml, escapeMarkdown } from "./escape.ts";

Deno.test("escapeHtml leaves no character that HTML reads", () => {
  assertEquals(escapeHtml(`<a b="c" d='e'>&`), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
});

Deno.test("escapeMarkdown leaves no character that Markdown reads, and no line break", () => {
  assertEquals(
    escapeMarkdown("a|b\n*c* _d_ `e` [f](g) <h> \\ ~i~ ![j]"),
    "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) &lt;h&gt; \\\\ \\~i\\~ \\!\\[j\\]",
  );
});
