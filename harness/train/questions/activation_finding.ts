/**
 * How do ReLU and normalization interact?
 *
 * @module
 */
import { type Contrast, contrastSentence } from "../report/contrast.ts";
import { TEST_ACCURACY } from "../report/measures.ts";
import { ofNorms, testedIn } from "../report/tested.ts";
import { type Question, verdictOn } from "./finding.ts";

function activationOf({ arm }: Contrast): string {
  return arm.description.model.activation;
}

/** Answered by `learning-rate`; `placement` bears on it too. */
export const ACTIVATION: Question = {
  question: "How do ReLU and normalization interact?",
  suites: ["learning-rate"],
  answer(report) {
    const contrasts = ofNorms(testedIn(report, "learning-rate", TEST_ACCURACY), {
      against: "none",
    });
    return {
      measured: contrasts.map((each) => `With ${activationOf(each)}, ${contrastSentence(each)}`),
      papers: [
        "Before a ReLU, a norm with beta 0 puts the zero point in the middle of what arrives: about half of the inputs of every unit pass, so that no unit is dead or linear for a whole batch, and beta learns how many should. A ReLU passes a positive factor on unchanged, hence after a norm the scale of the weights does not reach the activation at all.",
        "After a ReLU, a norm sees values that are nowhere negative and lie at zero in part; it centres them, and the next layer gets input of mean 0, which ReLU alone never gives.",
      ],
      verdicts: verdictOn({
        says:
          "Ioffe & Szegedy 2015 report that with batch norm even a network of sigmoids learns, since its units are kept away from their flat ends.",
        expects: "gain",
        contrasts: contrasts.filter((each) => activationOf(each) === "sigmoid"),
      }),
    };
  },
};
