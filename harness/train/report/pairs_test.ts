import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseRecords } from "../../run/runs.ts";
import { formatRecord } from "../../run/record.ts";
import { TRAIN_KINDS } from "../record.ts";
import { FINDINGS, questionOf } from "../questions/registry.ts";
import { findingBlocks } from "./findings.ts";
import { modelTraining } from "./model.ts";
import {
  againstNone,
  BATCH_SIZE,
  between,
  dataStartAgainstPlain,
  type Pair,
  plainPartner,
  preAgainstPost,
  smallestAgainst,
} from "./pairs.ts";
import {
  panelOf,
  referenceRun,
  trainHeader,
  type TrialChoices,
  trialRecords,
} from "./records_testing.ts";

const NONE: TrialChoices = { arm: "none", model: { norm: "none" } };

const names = (pairs: readonly Pair[]) =>
  pairs.map(({ arm, base }) => `${arm.description.arm} - ${base.description.arm}`);

Deno.test("the partner of an arm differs in the norm alone", () => {
  const panel = panelOf(
    ...trialRecords({ ...NONE, suite: "batch-size", batchSize: 5 }),
    ...trialRecords({ suite: "batch-size", arm: "batch/5", batchSize: 5 }),
    ...trialRecords({ suite: "batch-size", arm: "batch/50", batchSize: 50 }),
  );
  const [none, five, fifty] = panel.arms;
  assertEquals(plainPartner(five!, panel), none);
  assertEquals(plainPartner(none!, panel), none);
  assertEquals(plainPartner(fifty!, panel), undefined);
  assertEquals(names(againstNone(panel)), ["batch/5 - none"]);
});

Deno.test("a description with a field that others lack is not paired with them", () => {
  // As a later version records it: this one does not know what the field means.
  const residual = { norm: "batch", residual: true } as TrialChoices["model"];
  const lines = [
    trainHeader(),
    ...trialRecords(NONE),
    ...trialRecords({ arm: "batch" }),
    ...trialRecords({ arm: "batch-residual", model: residual! }),
    ...trialRecords({ arm: "layer", model: { norm: "layer" } }),
  ].map(formatRecord).join("\n");
  const { records } = parseRecords(lines, TRAIN_KINDS, "records");
  const report = modelTraining(records, questionOf);
  const [plain, other] = report.suites[0]!.panels;
  assertEquals(names(againstNone(plain!)), ["batch - none", "layer - none"]);
  assertEquals(names(between(plain!, "layer", "batch")), ["layer - batch"]);
  assertEquals(againstNone(other!), []);
  assertEquals(other!.arms.map(({ description }) => description.arm), ["batch-residual"]);
  assertStringIncludes(other!.label, "model.residual true");
  assertEquals(JSON.stringify(findingBlocks(FINDINGS, report)).includes("batch-residual"), false);
});

Deno.test("a field that a question does not vary keeps arms in different panels", () => {
  const arms = [NONE, { arm: "slow" }, { arm: "fast", learningRate: 0.1 }];
  const panels = (suite: string) =>
    modelTraining([
      trainHeader(),
      ...arms.flatMap((arm) => trialRecords({ suite, ...arm })),
    ], questionOf).suites[0]!.panels.map((panel) => panel.arms.length);
  assertEquals(panels("with-without"), [2, 1]);
  assertEquals(panels("learning-rate"), [3]);
});

Deno.test("placements are compared within a norm, and starts within all other settings", () => {
  const panel = panelOf(
    ...trialRecords(NONE),
    ...["batch", "layer"].flatMap((norm) =>
      ["pre", "post"].flatMap((placement) =>
        trialRecords({ arm: `${norm}-${placement}`, model: { norm, placement } })
      )
    ),
    ...[true, false].flatMap((dataDependentInitialization) =>
      trialRecords({
        arm: `weight-${dataDependentInitialization}`,
        model: { norm: "weight", dataDependentInitialization },
      })
    ),
  );
  assertEquals(names(preAgainstPost(panel)), ["batch-pre - batch-post", "layer-pre - layer-post"]);
  assertEquals(names(dataStartAgainstPlain(panel)), ["weight-true - weight-false"]);
  assertEquals(names(between(panel, "layer", "batch")), [
    "layer-pre - batch-pre",
    "layer-post - batch-post",
  ]);
});

Deno.test("the smallest of a series is compared with the one nearest to a usual value", () => {
  const panel = panelOf(
    ...[2, 16, 64, 256].flatMap((batchSize) =>
      // The rate follows the batch.
      trialRecords({
        suite: "batch-size",
        arm: `batch/${batchSize}`,
        batchSize,
        learningRate: batchSize / 1000,
      })
    ),
  );
  assertEquals(names(smallestAgainst(panel, BATCH_SIZE, 50)), ["batch/2 - batch/64"]);
});

Deno.test("pairs of the reference run differ in what their question varies alone", () => {
  const { suites } = modelTraining(referenceRun(), questionOf);
  const counts = suites.map(({ name, tested }) => [
    name,
    tested.reduce((sum, { contrasts }) => sum + contrasts.length, 0),
  ]);
  assertEquals(Object.fromEntries(counts), {
    "with-without": 39,
    "placement": 16,
    "batch-size": 26,
    "weight-scale": 40,
    "learning-rate": 10,
  });
});
