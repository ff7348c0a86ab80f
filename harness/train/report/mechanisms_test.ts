import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { renderReport } from "../../tasks.ts";
import { MECHANISMS } from "../mechanisms/registry.ts";
import { effectText } from "./mechanism_claims.ts";
import { armRecords, observation, trainHeader } from "./records_testing.ts";

const SMOOTHER = [0, 1, 2].flatMap((number) => [
  observation("none", number, 2 + number / 10),
  observation("batch", number, 0.2 + number / 100),
]);

Deno.test("a mechanism has a page with claims, the paper's figure, ours and a verdict", async () => {
  const { html, pages } = await renderReport([trainHeader(), ...SMOOTHER]);
  const page = pages.find(({ name }) => name === "why-landscape")!;
  assertStringIncludes(html, '<a href="why-landscape.html">');
  assertStringIncludes(page.markdown, "Of 3 claims, 3 supported, 0 contradicted, 0 undecided.");
  assertMatch(
    page.markdown,
    /loss range of batch: 0\.100 \\\[0\.100, 0\.100\\\] times that of none, 3 trials \| supported/,
  );
  assertStringIncludes(page.markdown, "Santurkar et al. 2018");
  assertEquals((page.html.match(/<figure/g) ?? []).length, 4);
});

Deno.test("of an arm alone the value is told, with the one that is expected", () => {
  const claim = {
    ...MECHANISMS.find(({ name }) => name === "landscape")!.claims[0]!,
    value: "gradientTimesScale",
    target: 1,
  };
  const { base: _base, byRatio: _byRatio, ...alone } = claim;
  const judged = { verdict: "supported", effect: 0.25, interval: [0, 0.5], trials: 3 } as const;
  assertEquals(
    effectText(alone, judged),
    "gradient times scale of batch: 1.25 [1.00, 1.50], 1 expected, 3 trials",
  );
});

Deno.test("an arm that diverged is counted, and decides nothing", async () => {
  const diverged = [0, 1, 2].map((number) => observation("none", number, NaN));
  const others = SMOOTHER.filter(({ arm }) => arm === "batch");
  const { pages } = await renderReport([trainHeader(), ...diverged, ...others]);
  const { markdown } = pages.find(({ name }) => name === "why-landscape")!;
  assertStringIncludes(markdown, "no trial to compare: an arm is missing, or diverged");
  assertMatch(markdown, /\| none \| 3 \| 3 \|/);
});

Deno.test("trials and mechanisms stand in one report, and records that differ in length in two panels", async () => {
  const longer = SMOOTHER.map((record) => ({ ...record, settings: { steps: 7 } }));
  const records = [trainHeader(), ...armRecords({}), ...SMOOTHER, ...longer];
  const { markdown, pages } = await renderReport(records);
  assertStringIncludes(markdown, "Of 6 claims");
  assertStringIncludes(markdown, "with-without");
  assertEquals(
    (pages.find(({ name }) => name === "why-landscape")!.html.match(/<figure/g) ?? []).length,
    8,
  );
});
