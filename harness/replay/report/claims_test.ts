import { assertEquals, assertStringIncludes } from "@std/assert";
import { nameOfTraining, type StudyRunRecord, type Training } from "../record.ts";
import { studyRun } from "../records_testing.ts";
import { STUDIES } from "../studies.ts";
import {
  batchSizeClaims,
  type Claim,
  claimsTable,
  judgeClaim,
  layerNormClaims,
  scaleClaims,
  verdictWords,
} from "./claims.ts";

/** Runs of a study over three seeds, whose accuracies follow from the training and vary a little. */
function runs(
  experiment: StudyRunRecord["experiment"],
  accuracy: (training: Training) => number,
): StudyRunRecord[] {
  const all = STUDIES[experiment].flatMap((rounds) => rounds.flat());
  const trainings = [...new Map(all.map((each) => [nameOfTraining(each), each])).values()];
  return [220, 221, 222].flatMap((seed) =>
    trainings.map((training) =>
      studyRun(experiment, training, seed, accuracy(training) + (seed - 221) / 1000)
    )
  );
}

const verdicts = (claims: readonly Claim[]) => claims.map(judgeClaim);

function claim(values: readonly number[], region: Claim["region"]): Claim {
  const as = { text: (value: number) => value.toFixed(1), unit: " apples" };
  return { says: "so", measure: "apples", values, region, as };
}

Deno.test("a claim is supported, contradicted or undecided by its interval", () => {
  const values = [1.0, 1.1, 1.2];
  assertEquals(judgeClaim(claim(values, [0.5, 2])), "supported");
  assertEquals(judgeClaim(claim(values, [2, Infinity])), "contradicted");
  assertEquals(judgeClaim(claim(values, [1.1, Infinity])), "undecided");
  assertEquals(judgeClaim(claim([1.1], [0.5, 2])), "undecided");
  assertEquals(judgeClaim(claim([1, NaN, 1.1], [0.5, 2])), "undecided");
  const { rows } = claimsTable([claim(values, [-Infinity, 2]), claim([], [0, 1])]);
  assertEquals(rows, [
    ["so", "apples", "3", "1.1 apples", "0.9 to 1.3 apples", "up to 2.0 apples", "supported"],
  ]);
  const both = [claim(values, [0.5, 2]), claim(values, [2, 3])];
  assertEquals(verdictWords(both), "Of 2 claims: 1 supported, 1 contradicted.");
  assertStringIncludes(verdictWords([claim([], [0, 1])]), "did not train");
});

/** Highest at a scale of about `best`; half of what is above chance is lost over `width` decades. */
function peak(best: number, width: number) {
  return ({ weightScale }: Training) =>
    0.1 + 0.6 * 0.5 ** (Math.abs(Math.log10(Number(weightScale) / best)) / width);
}

Deno.test("question 1 follows from the curves over scales, whichever way they are", () => {
  const sharp = scaleClaims(runs("N8", peak(0.089, 0.2)));
  assertEquals(new Set(verdicts(sharp)), new Set(["supported"]));
  const elsewhere = scaleClaims(runs("N8", peak(0.001, 3)));
  assertEquals(verdicts(elsewhere), [
    ...["contradicted", "supported", "contradicted", "supported"],
    ...["contradicted", "contradicted", "contradicted", "contradicted"],
  ]);
});

Deno.test("a run over some of the scales decides nothing on the best one", () => {
  const some = runs("N8", peak(0.089, 0.2)).filter(({ training }) =>
    Number(training.weightScale) < 0.5
  );
  assertStringIncludes(verdictWords(scaleClaims(some)), "did not train");
});

Deno.test("question 2 compares the largest batch with the smallest, for each norm", () => {
  const accuracy = (gain: number, layerGain: number) => ({ network, batchSize }: Training) =>
    0.4 + (batchSize === 50 ? network === "layer norm" ? layerGain : gain : 0);
  // Validation accuracy is half of the training accuracy here.
  assertEquals(verdicts(batchSizeClaims(runs("N9", accuracy(0.3, 0.1)))), [
    "supported",
    "contradicted",
    "supported",
  ]);
  assertEquals(verdicts(batchSizeClaims(runs("N9", accuracy(0.05, 0.3)))), [
    "contradicted",
    "supported",
    "contradicted",
  ]);
});

Deno.test("question 4 compares layer norm with none at the ends, and with its usual gain", () => {
  const claims = (few: number, strong: number, deep: number) =>
    layerNormClaims(runs("N10", ({ network, layers, units, l2 }) => {
      if (network !== "layer norm") return 0.5;
      return 0.5 + (units === 2 ? few : l2 === 1 ? strong : layers === 20 ? deep : 0.2);
    }));
  assertEquals(new Set(verdicts(claims(-0.1, -0.2, 0.1))), new Set(["supported"]));
  assertEquals(verdicts(claims(0.3, 0.1, -0.1)), [
    ...["contradicted", "contradicted", "contradicted", "supported", "contradicted"],
  ]);
});

Deno.test("every network that a claim compares is trained", () => {
  const values = [
    ...scaleClaims(runs("N8", () => 0.5)),
    ...batchSizeClaims(runs("N9", () => 0.5)),
    ...layerNormClaims(runs("N10", () => 0.5)),
  ].map(({ values }) => values.length);
  assertEquals(new Set(values), new Set([3]));
});
