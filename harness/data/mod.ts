/**
 * Data sets of labelled images: found in a folder or the cache, downloaded, checked.
 *
 * @module
 */
export {
  DATASET_NAMES,
  type DatasetName,
  type ImageDataset,
  type ImageDatasetLimits,
  loadImageDataset,
} from "./image_dataset.ts";
export { type DatasetEvent, type DatasetSource, UnavailableError } from "./dataset_source.ts";
export type { Fetch } from "../run/download.ts";
