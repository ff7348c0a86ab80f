import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Block, figuresOf, paragraph, type ReportDocument, tableBlocks } from "./document.ts";
import { toHtml } from "./html.ts";
import { toMarkdown } from "./markdown.ts";
import { table } from "./table.ts";

const FIGURE = { name: "curve", title: "A curve", svg: "<svg></svg>", spec: {} };

function page(...blocks: Block[]): ReportDocument {
  return {
    title: "Title <1>",
    headline: { tone: "neutral", verdict: "It & that", remarks: ["A remark."] },
    environment: ["somewhere"],
    pages: [{ name: "other", title: "Another page" }],
    sections: [
      { heading: "Part", anchor: "part", blocks },
      { heading: "Empty", anchor: "empty", blocks: [] },
    ],
  };
}

const BLOCKS: readonly (readonly [Block, string, string])[] = [
  [paragraph("a < b", "Lead."), "<p><strong>Lead.</strong> a &lt; b</p>", "**Lead.** a &lt; b"],
  [{ kind: "heading", text: "Within" }, "<h3>Within</h3>", "### Within"],
  [
    { kind: "list", items: ["one", "t*o"] },
    "<ul><li>one</li>\n<li>t*o</li></ul>",
    "- one\n- t\\*o",
  ],
  [
    { kind: "table", table: table(["name", "size#"], [["x", "3"]]) },
    '<td class="n">3',
    "| name | size |\n| --- | ---: |\n| x | 3 |",
  ],
  [
    { kind: "figure", figure: FIGURE },
    "<figure><svg></svg><figcaption>A curve.</figcaption></figure>",
    "![A curve](figures/curve.svg)",
  ],
  [
    { kind: "details", summary: "More", blocks: [paragraph("inside")] },
    "<details><summary>More</summary>\n<p>inside</p>\n</details>",
    "<details>\n\n<summary>More</summary>\n\ninside\n\n</details>",
  ],
  [{ kind: "own", html: "<b>x</b>", markdown: "_x_" }, "<b>x</b>", "_x_"],
];

for (const [block, html, markdown] of BLOCKS) {
  Deno.test(`a ${block.kind} is written in both formats`, () => {
    assertStringIncludes(toHtml(page(block)), html);
    assertStringIncludes(toMarkdown(page(block)), markdown);
  });
}

Deno.test("a page has its headline, links to other pages, and no empty section", () => {
  const html = toHtml(page(paragraph("text")));
  assertStringIncludes(html, "<title>Title &lt;1&gt;</title>");
  assertStringIncludes(html, "<h1>It &amp; that</h1>");
  assertStringIncludes(html, '<a href="other.html">Another page</a>');
  assertStringIncludes(html, '<a href="#part">Part</a>');
  assertEquals(html.includes("Empty"), false);
  const markdown = toMarkdown(page(paragraph("text")));
  assertStringIncludes(markdown, "# Title &lt;1&gt;\n\n**It &amp; that** A remark.");
  assertStringIncludes(markdown, "[Another page](other.md)");
  assertEquals(markdown.includes("Empty"), false);
});

Deno.test("a block of one format is missing from the other", () => {
  const block: Block = { kind: "own", html: "<b>x</b>" };
  assertEquals(toMarkdown(page(block)).includes("Part"), false);
});

Deno.test("hostile names, anchors and headings are safe in both formats", () => {
  const hostile = '../x"><i>[y](z)|';
  const block: Block = { kind: "figure", figure: { ...FIGURE, name: hostile } };
  const document = {
    ...page(block, { kind: "table", table: table([hostile], [["1"]]) }),
    pages: [{ name: hostile, title: hostile }],
  };
  const sections = document.sections.map((each) => ({ ...each, anchor: hostile }));
  const html = toHtml({ ...document, sections });
  assertStringIncludes(html, '<a href="x-i-y-z.html">');
  assertStringIncludes(html, '<a href="#x-i-y-z">');
  assertStringIncludes(html, '<section id="x-i-y-z">');
  assertEquals(html.includes("<i>"), false);
  const markdown = toMarkdown({ ...document, sections });
  const text = '../x"&gt;&lt;i&gt;\\[y\\](z)\\|';
  for (const part of [`[${text}](x-i-y-z.md)`, "(figures/x-i-y-z.svg)", `| ${text} |`]) {
    assertStringIncludes(markdown, part);
  }
});

Deno.test("a line of Markdown does not become a list or a rule", () => {
  const texts = ["- a", "+ b", "1. c", "2) d", "---", "-1.5", "1.5 is"];
  const markdown = toMarkdown(page(...texts.map((text) => paragraph(text))));
  const lines = ["\\- a", "\\+ b", "1\\. c", "2\\) d", "\\---", "-1.5", "1.5 is"];
  assertStringIncludes(markdown, lines.join("\n\n"));
});

Deno.test("figuresOf finds figures at any depth", () => {
  const figure: Block = { kind: "figure", figure: FIGURE };
  const inner: Block = { kind: "details", summary: "s", blocks: [figure] };
  assertEquals(figuresOf(page(figure, inner)), [FIGURE, FIGURE]);
});

Deno.test("a table without rows is left out", () => {
  assertEquals(tableBlocks(table(["a"], [])), []);
});
