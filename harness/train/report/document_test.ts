import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { TrainRunRecord } from "../record.ts";
import { renderReport } from "../../tasks.ts";
import { QUESTIONS } from "../questions/registry.ts";
import {
  armRecords,
  missingData,
  referenceRun,
  trainHeader,
  type TrialChoices,
  trialRecords,
} from "./records_testing.ts";

const NONE: TrialChoices = { arm: "mlp/none", model: { norm: "none" } };

function render(...records: TrainRunRecord[]) {
  return renderReport([trainHeader(), ...records]);
}

Deno.test("a report has an index and a page a suite, which link each other", async () => {
  const { html, pages } = await renderReport(referenceRun());
  const names = pages.map(({ name }) => name);
  assertEquals(names.toSorted(), QUESTIONS.map(({ name }) => name).toSorted());
  for (const name of names) assertStringIncludes(html, `<a href="${name}.html">`);
  assertStringIncludes(pages[0]!.html, '<a href="report.html">');
  assertStringIncludes(html, "<h1>408 trials of 110 arms in 5 suites.</h1>");
});

Deno.test("a page has question, what was done, results, comparisons and limits", async () => {
  const { pages } = await render(...armRecords(NONE), ...armRecords({ arm: "mlp/batch" }));
  const { markdown } = pages[0]!;
  for (
    const part of [
      "Does a norm make a network learn better or faster",
      "| images | 12000 to train, 2000 to validate, 10000 to test |",
      "| optimizer | Adam |",
      "| seeds | 1000, 1001, 1002 |",
      "## Figures",
      "| arm | trials | test accuracy | 95 % interval |",
      "| epochs to target | images a second | time of an image, relative to none |",
      "Hedges’ g |",
      "- batch against none: test accuracy",
      "## Limits",
    ]
  ) assertStringIncludes(markdown, part);
});

Deno.test("synthetic images in place of real ones are named at the head of every page", async () => {
  const { html, pages } = await render(
    missingData(),
    ...armRecords({ data: { name: "synthetic" } }),
  );
  for (const page of [html, pages[0]!.html]) {
    const head = page.slice(0, page.indexOf("</header>"));
    assertStringIncludes(head, "The data set fashion-mnist was not available.");
    assertStringIncludes(head, "synthetic images");
    assertStringIncludes(page, "set NORMBENCH_DATA to a folder that holds it");
    assertStringIncludes(page, '<body class="incomplete">');
  }
});

Deno.test("unfinished, diverged and single trials are named", async () => {
  const { html, pages } = await render(
    ...armRecords({ ...NONE, diverges: 2 }),
    ...armRecords({ arm: "mlp/batch" }, 1),
    ...trialRecords({ arm: "mlp/batch", number: 1 }).slice(0, 3),
  );
  assertStringIncludes(html, "3 of 4 trials diverged");
  assertStringIncludes(html, "1 trial is not finished");
  assertStringIncludes(html, "1 arm has a single trial");
  const page = pages[0]!.markdown;
  assertStringIncludes(page, "with-without/mlp/none/2 in epoch 2");
  assertStringIncludes(page, "with-without/mlp/batch/1, 3 epochs");
  assertStringIncludes(page, "every trial of “none” diverged");
});

Deno.test("any records make a page", async () => {
  const suites = [...QUESTIONS.map(({ name }) => name), "new"];
  for (
    const choices of [
      { epochs: 1 },
      { diverges: 1 },
      { model: { norm: "none" } },
      { model: { norm: "unheard-of", architecture: "transformer", weightScale: 0.5 } },
    ] as TrialChoices[]
  ) {
    const { pages } = await render(
      ...suites.flatMap((suite) => armRecords({ ...choices, suite }, 2)),
    );
    assertEquals(pages.length, suites.length);
    for (const { html } of pages) assertEquals(html.match(/undefined|NaN/)?.[0], undefined);
  }
});

Deno.test("nothing finished is a report too", async () => {
  assertStringIncludes((await render()).html, "<h1>No trial is finished yet.</h1>");
  const { pages } = await render(...trialRecords().slice(0, 2));
  assertMatch(pages[0]!.html, /No trial is finished yet.*1 trial is not finished/s);
});

Deno.test("machines are distinguished in panels and in figures", async () => {
  const run = [...armRecords(NONE), ...armRecords({ arm: "mlp/batch" })];
  const elsewhere = trainHeader("Other processor");
  const { pages, figures } = await render(...run, elsewhere, ...run);
  assertStringIncludes(pages[0]!.markdown, "### MLP, tensorflow 1");
  assertStringIncludes(pages[0]!.markdown, "### MLP, tensorflow 2");
  const names = figures.map(({ name }) => name);
  assertEquals(names.filter((name) => name.startsWith("with-without-cost")), [
    "with-without-cost",
    "with-without-cost-2",
  ]);
});

Deno.test("pages escape whatever records hold", async () => {
  const { html, pages } = await render(
    ...armRecords({
      suite: "<suite>",
      arm: "<arm>",
      optimizer: "<optimizer>",
      model: { norm: "<norm>", activation: "<activation>" },
      data: { name: "<data>" },
    }),
  );
  const raw = /<(suite|arm|optimizer|norm|activation|data)>/;
  for (const page of [html, pages[0]!.html]) assertEquals(page.match(raw)?.[0], undefined);
});

Deno.test("equal records give equal reports", async () => {
  const run = () => render(...armRecords(NONE), ...armRecords({ arm: "mlp/batch" }));
  assertEquals(await run(), await run());
});
