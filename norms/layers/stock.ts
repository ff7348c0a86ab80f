/**
 * What the layer classes take over from `tf.layers`, under names that their documentation can show.
 *
 * @module
 */
import * as tf from "../basics/tf.ts";
import type { Layer, Tensor } from "../basics/tensor.ts";

/** Lengths of a layer's input or output; `null` where a length is open, as that of the batch is. */
export type LayerShape = (number | null)[];

/** A layer as JSON. */
export type LayerConfig = ReturnType<Layer["getConfig"]>;

/** What every layer of `tf.layers` can be given. */
export interface StockLayerArgs {
  /** Name, unique in the model; default one made of the class name. */
  readonly name?: string;
  /** Whether the weights are learned; default true. */
  readonly trainable?: boolean;
  /** Shape of a sample, for the first layer of a model. */
  readonly inputShape?: LayerShape;
  /** Shape of a batch, in place of `inputShape`. */
  readonly batchInputShape?: LayerShape;
  /** Samples in a batch, where `inputShape` leaves that open. */
  readonly batchSize?: number;
  /** Type of the input, for the first layer of a model: every norm takes float32. */
  readonly dtype?: "float32";
  /** Values that the weights start with, in the order of `getWeights`. */
  readonly weights?: Tensor[];
}

/** The class `tf.layers.Layer`. */
export const StockLayer: abstract new (args?: StockLayerArgs) => Layer = tf.layers.Layer;

/** Makes saved models that hold such a layer loadable, under the class's `className`. */
export function registerLayer(layerClass: { readonly className: string }): void {
  type Serializable = Parameters<typeof tf.serialization.registerClass>[0];
  // Its `fromConfig` is inherited, which the type of StockLayer does not tell.
  tf.serialization.registerClass(layerClass as Serializable);
}

/**
 * Builds `tf.layers[factory](config)`.
 *
 * @throws {Error} if this version of TensorFlow.js has no such layer.
 */
export function stockLayer(
  factory: string,
  config: Readonly<Record<string, unknown>>,
): Layer {
  const factories = tf.layers as unknown as Record<
    string,
    ((config: unknown) => Layer) | undefined
  >;
  const make = factories[factory];
  if (make === undefined) {
    throw new Error(`tf.layers.${factory} does not exist in TensorFlow.js ${tf.version.tfjs}`);
  }
  return make(config);
}
