/**
 * N 6: the gradients of a whole network against differences, without and with L2 regularization.
 *
 * @module
 */
import { NOTEBOOK } from "./record.ts";
import { RandomState } from "../../fixtures/numpy_random.ts";
import { gradientErrors } from "../gradcheck/float64.ts";
import { drawNet, gradientsOf, lossOf } from "./float64_net.ts";
import { matrix } from "./matrix.ts";
import type { Measurement } from "./measurement.ts";

const SAMPLES = 2;
/** Features, hidden units, classes. */
const UNITS = [15, 20, 30, 10] as const;
const WEIGHT_SCALE = 5e-2;
const REGULARIZATIONS = [0, 3.14];

/** The loss of a fresh network, and the relative error of each of its gradients, for each regularization. */
export async function netChecks(): Promise<Measurement[]> {
  const random = new RandomState(NOTEBOOK.seed);
  const [features, , , classes] = UNITS;
  const x = matrix([SAMPLES, features], random.randn(SAMPLES, features));
  const batch = { x, labels: random.randint(0, classes, SAMPLES) };
  const measurements: Measurement[] = [];
  for (const reg of REGULARIZATIONS) {
    const net = drawNet(UNITS, WEIGHT_SCALE, random);
    const loss = (
      parameters: typeof net.parameters,
    ) => [lossOf({ ...net, parameters }, batch, reg)];
    const gradients = gradientsOf(net, batch, reg);
    const errors = await gradientErrors(loss, net.parameters, gradients, [1]);
    measurements.push({ figure: `initial loss, reg ${reg}`, values: loss(net.parameters) });
    for (const [name, error] of Object.entries(errors)) {
      measurements.push({ figure: `error of d${name}, reg ${reg}`, values: [error] });
    }
  }
  return measurements;
}
