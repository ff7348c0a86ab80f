import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../norms/basics/errors.ts";
import { shardOf } from "./shard.ts";
import { QUESTIONS } from "./questions/registry.ts";
import { checkFits, planTrials, type TrialChoice } from "./trials.ts";

const IMAGES = (count: number) => ({
  pixels: new Uint8Array(count),
  labels: new Uint8Array(count),
  count,
});
const DATASET = { name: "blank", train: IMAGES(12_000), test: IMAGES(10_000) };

const plan = (suite: string, choice: Partial<TrialChoice> = {}, dataset = DATASET) =>
  planTrials({
    suites: QUESTIONS.filter(({ name }) => name === suite),
    preset: "quick",
    seed: 0,
    norms: [],
    ...choice,
  }, dataset);

Deno.test("trials are named by suite, arm and number, and go through all arms number by number", () => {
  const ids = plan("placement").map(({ id }) => id);
  assertEquals(ids.length, 3 * 10);
  assertEquals(ids[0], "placement/mlp/none/0");
  assertEquals(ids[9], "placement/cnn/layer-post/0");
  assertEquals(ids[10], "placement/mlp/none/1");
});

Deno.test("equal numbers share a seed, others and those of other --seed values do not", () => {
  const seeds = (seed: number) => [...new Set(plan("placement", { seed }).map((t) => t.seed))];
  assertEquals(seeds(0).length, 3);
  assertEquals(new Set([...seeds(0), ...seeds(1)]).size, 6);
  for (const { number, seed } of plan("placement", { seed: 7 })) assertEquals(seed, 7000 + number);
});

Deno.test("trials, epochs and batch size of the user replace the preset's", () => {
  const trials = plan("placement", { trials: 1, epochs: 2, batchSize: 100 });
  assertEquals(trials.length, 10);
  for (const { epochs, batchSize } of trials) assertEquals([epochs, batchSize], [2, 100]);
});

Deno.test("norms are compared with none", () => {
  const norms = plan("placement", { norms: ["layer"] }).map(({ model }) => model.norm);
  assertEquals([...new Set(norms)], ["none", "layer"]);
});

Deno.test("a suite without the norm is left out, and is an error if nothing is left", () => {
  const both = QUESTIONS.filter(({ name }) => ["with-without", "placement"].includes(name));
  const suites = plan("", { suites: both, norms: ["rms"] }).map(({ suite }) => suite);
  assertEquals([...new Set(suites)], ["with-without"]);
  assertThrows(
    () => plan("placement", { norms: ["rms"] }),
    UsageError,
    "No arm of placement has the norm rms",
  );
});

Deno.test("a batch that is larger than the data is refused before anything runs", () => {
  assertThrows(
    () => plan("placement", { batchSize: 2001 }),
    UsageError,
    "A batch of 2001 is larger than the 2000 training images of placement/mlp/none/0",
  );
  assert(plan("placement", { batchSize: 2000 }).length > 0);
});

Deno.test("a data set that is too small is refused before anything runs", () => {
  const small = { ...DATASET, train: IMAGES(2500) };
  assertThrows(() => plan("placement", {}, small), UsageError, "blank has 2500 training images");
});

Deno.test("--batch-size does not go with the suite that compares batch sizes", () => {
  assertThrows(() => plan("batch-size", { batchSize: 7 }), UsageError, "batch-size compares");
});

Deno.test("the shards of a run have every trial once", () => {
  const trials = plan("placement");
  const shards = [1, 2, 3, 4].flatMap((number) => shardOf(trials, { number, count: 4 }));
  assertEquals(shards.map(({ id }) => id).sort(), trials.map(({ id }) => id).sort());
});

Deno.test("a trial that would not fit in memory is refused with what it needs", () => {
  const [trial] = plan("placement");
  const images = { shape: [28, 28, 1], classes: ["a", "b"] } as const;
  const check = (hidden: readonly number[], batchSize: number, available = 2 ** 34) => () =>
    checkFits(
      { ...trial!, model: { ...trial!.model, hidden }, batchSize },
      images,
      "cpu",
      available,
    );
  check([256], 64)();
  const needs = "does not fit in memory: it needs about";
  const wide = "placement/mlp/none/0 with 1000000000 hidden units and batches of 64 ";
  assertThrows(
    check([1e9], 64),
    RangeError,
    `${wide}${needs} 12666.0 GiB, and 16.0 GiB are available`,
  );
  assertThrows(check([256], 1e8), RangeError, `batches of 100000000 ${needs} 673.5 GiB`);
  assertThrows(check([256], 64, 1e6), RangeError, needs);
});
