/**
 * The one module that imports TensorFlow.js.
 *
 * The full `npm:` specifier makes every module that imports this one resolvable from a URL, with no
 * import map. The union package is needed because only it carries `tf.layers` and the chained methods.
 *
 * @module
 */
export * from "npm:@tensorflow/tfjs@4.22.0";
