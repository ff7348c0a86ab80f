/**
 * The norm before or after the activation.
 *
 * @module
 */
import type { ModelDescription } from "../../../models/description.ts";
import { ADAM, BATCH_SIZE, NETWORKS } from "../../../models/networks.ts";
import { IMAGE_SIZES, planOf } from "./sizes.ts";
import type { Suite } from "./suite.ts";

const PLACEMENTS = ["pre", "post"] as const;
const NORMS = ["batch", "layer"] as const;

function arms(): Record<string, ModelDescription> {
  return Object.fromEntries(
    Object.entries(NETWORKS).flatMap(([name, network]): [string, ModelDescription][] => [
      [`${name}/none`, network],
      ...NORMS.flatMap((norm) =>
        PLACEMENTS.map((placement): [string, ModelDescription] => [
          `${name}/${norm}-${placement}`,
          { ...network, norm, placement },
        ])
      ),
    ]),
  );
}

/** g(norm(f(x))) against norm(g(f(x))). */
export const PLACEMENT: Suite = {
  name: "placement",
  title: "Before or after the activation",
  question: "Should the norm stand before the activation or after it?",
  plan: (preset) => planOf(IMAGE_SIZES[preset], arms(), { batchSize: BATCH_SIZE, optimizer: ADAM }),
};
