/**
 * What a run needs beside its norms, and what is said where it is not there.
 *
 * @module
 */
import { loadFashionMnist } from "../data/fashion_mnist.ts";
import { tellEvents } from "../data/dataset_source.ts";
import { realCaseIds, type RealInputs } from "../../fixtures/parity_cases.ts";
import { realInputs } from "../../fixtures/real_inputs.ts";
import type { MissingRecord } from "../run/record.ts";
import { MissingError } from "../../norms/basics/errors.ts";
import type { ParityTaskOptions } from "./task.ts";
import { missingRecord } from "../run/record.ts";
import { isWanted } from "./trials.ts";

/** Images of the real batch. */
const REAL_IMAGES = 16;

/** Fashion-MNIST activations, or the record that says why there are none. */
export async function findRealInputs(
  options: ParityTaskOptions,
): Promise<{ real?: RealInputs; missing: MissingRecord[] }> {
  const ids = options.norm.flatMap(realCaseIds);
  if (!ids.some((id) => isWanted(id, options))) return { missing: [] };
  try {
    const { train } = await loadFashionMnist({
      train: REAL_IMAGES,
      test: 0,
      onEvent: tellEvents(),
      ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    });
    return { real: realInputs(train, options.seed), missing: [] };
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    return {
      missing: [
        missingRecord("data", "fashion-mnist", { reason: error.message, remedy: error.remedy }),
      ],
    };
  }
}
