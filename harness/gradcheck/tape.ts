/**
 * The tape of TensorFlow.js, with errors that name fault and remedy.
 *
 * @module
 */
import { messageOf } from "../../norms/basics/errors.ts";
import type { Tensor } from "../../norms/basics/tensor.ts";
import * as tf from "../../norms/basics/tf.ts";

/**
 * The gradients of sum(f() dy); undefined where the tape finds no path to a tensor.
 *
 * @throws {RangeError} if a gradient has another shape than its input.
 * @throws {Error} if an operation has no gradient.
 */
export function differentiate(
  f: () => Tensor,
  wrt: Tensor[],
  dy: Tensor,
): (Tensor | undefined)[] {
  try {
    return tf.engine().gradients(f, wrt, dy, true).grads;
  } catch (error) {
    // TensorFlow.js frees what operations saved for their gradients only if all of them succeed.
    for (const { saved = [] } of tf.engine().state.activeTape ?? []) tf.dispose(saved);
    throw translated(error);
  }
}

function translated(error: unknown): unknown {
  const message = messageOf(error);
  const shapes = /gradient of input '.*' has shape '(.*)', which .* of the input '(.*)'/
    .exec(message);
  if (shapes !== null) {
    const [got, expected] = shapes.slice(1).map((list) => `[${list.replaceAll(",", ", ")}]`);
    return new RangeError(
      `a gradient has shape ${got}, but its input ${expected}: sum it over axes that were broadcast, or ` +
        "transpose it",
      { cause: error },
    );
  }
  const operation = /gradient function not found for (.*)\./.exec(message)?.[1];
  if (operation !== undefined) {
    return new Error(
      `TensorFlow.js has no gradient of the operation ${operation}: use other operations, or tf.customGrad`,
      { cause: error },
    );
  }
  return error;
}
