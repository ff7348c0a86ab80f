import { assertEquals, assertStrictEquals } from "@std/assert";
import { escapeHtml, escapeMarkdown, plainRecords, slug, uniqueSlugs } from "./escape.ts";

Deno.test("escapeHtml leaves no character that HTML reads", () => {
  assertEquals(escapeHtml(`<a b="c" d='e'>&`), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
});

Deno.test("escapeMarkdown leaves no character that Markdown reads, and no line break", () => {
  assertEquals(
    escapeMarkdown("a|b\n*c* _d_ `e` [f](g) <h> \\ ~i~ ![j]"),
    "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) &lt;h&gt; \\\\ \\~i\\~ \\!\\[j\\]",
  );
});

Deno.test("slug leaves what is safe in a file name and an anchor, and cuts what is long", () => {
  const texts = ["batch-27", "My norm!", "../../etc", 'a"><b>', "规范", "", "x".repeat(999)];
  assertEquals(texts.map((text) => slug(text)), [
    ...["batch-27", "my-norm", "etc", "a-b", "unnamed", "unnamed"],
    "x".repeat(180),
  ]);
});

Deno.test("uniqueSlugs makes no two alike, however they are named", () => {
  const names = ["report", "a", "A!", "a-2", "a", "b".repeat(99) + "1", "b".repeat(99) + "2"];
  assertEquals(uniqueSlugs(names, ["report"]), [
    ...["report-2", "a", "a-2", "a-2-2", "a-3", "b".repeat(60), `${"b".repeat(60)}-2`],
  ]);
});

Deno.test("plainRecords reaches every text and every name, and leaves the rest", () => {
  const record = { a: ["\u001b[1mb\nc", 1, null], "d\0e": { f: Infinity, g: true } };
  assertEquals(plainRecords<unknown>(record), {
    a: ["b c", 1, null],
    "d e": { f: Infinity, g: true },
  });
  assertEquals(plainRecords(["constructor", "__proto__"]), ['"constructor"', '"__proto__"']);
});

Deno.test("plainRecords copies nothing that is plain already", () => {
  const plain = { a: ["b", NaN, null], c: { d: "e" } };
  assertStrictEquals(plainRecords(plain), plain);
  const half = { plain, other: "f\n" };
  assertStrictEquals(plainRecords(half).plain, plain);
});
