/**
 * Before or after the activation?
 *
 * @module
 */
import { contrastSentence } from "../report/contrast.ts";
import { type Measure, TEST_ACCURACY, TRAINING_ACCURACY } from "../report/measures.ts";
import { testedIn } from "../report/tested.ts";
import { type Question, verdictOn } from "./finding.ts";

/** Answered by `placement`. */
export const PLACEMENT_MATTERS: Question = {
  question: "How does the placement matter?",
  suites: ["placement"],
  answer(report) {
    const moved = (measure: Measure) =>
      testedIn(report, "placement", measure).filter(({ base }) =>
        base.description.model.norm !== "none"
      );
    const contrasts = moved(TEST_ACCURACY);
    return {
      measured: [...contrasts, ...moved(TRAINING_ACCURACY)].map((each) =>
        `${each.panel.label}, ${contrastSentence(each)}`
      ),
      papers: [
        "Ioffe & Szegedy 2015 argue for the place before the activation: W u + b is a sum of many terms, more symmetric and closer to a Gaussian than what an activation leaves of it, so that mean and variance describe it better. They do not report the other order. The original argument says nothing of how large the difference should be.",
      ],
      verdicts: verdictOn({
        says: "By their argument, a norm before the activation should do better than one after it.",
        expects: "gain",
        contrasts,
      }),
    };
  },
};
