/**
 * Data as the kernels see it: five axes, for any rank and arrangement.
 *
 * Neighbouring axes with the same role are one. Every norm here, unless its statistics are over scattered
 * axes, is then a special case of
 *
 *     x[sample, before, channel, feature, after]
 *
 * with statistics over before, feature and after, and parameters that vary along feature, and along
 * channel or not. Layer norm is [1, 1, rows, features, 1], batch norm of images [1, N H W, C, 1, 1],
 * channels first [1, N, C, 1, H W], group norm [N, H W, groups, C / groups, 1].
 *
 * @module
 */
import { type Run, runsOf, type View } from "../basics/arrangement.ts";

/** The lengths of the five axes. */
export interface Layout {
  /** A statistic each; no parameter varies along it. */
  readonly samples: number;
  /** Averaged over; no parameter varies along it. */
  readonly before: number;
  /** A statistic each. */
  readonly channels: number;
  /** Averaged over; parameters vary along it. */
  readonly features: number;
  /** Averaged over; no parameter varies along it. */
  readonly after: number;
  /** Whether parameters vary along the channels, too. */
  readonly perChannel: boolean;
}

/** Number of groups that share statistics. */
export function groupCount({ samples, channels }: Layout): number {
  return samples * channels;
}

export function groupLength({ before, features, after }: Layout): number {
  return before * features * after;
}

export function parameterCount({ channels, features, perChannel }: Layout): number {
  return (perChannel ? channels : 1) * features;
}

/**
 * The layout of data that is seen so, or undefined where its axes are scattered otherwise.
 *
 * @param view Its `parameterView` is all ones where there are no parameters.
 */
export function layoutOf(view: View): Layout | undefined {
  const runs = runsOf(view);
  const take = (fits: (run: Run) => boolean): Run | undefined => {
    const last = runs.at(-1);
    return last !== undefined && fits(last) ? runs.pop() : undefined;
  };
  const after = take(({ reduced, parameter }) => reduced && !parameter);
  const features = take(({ reduced, parameter }) => reduced && parameter);
  const channels = take(({ reduced }) => !reduced);
  const before = take(({ reduced, parameter }) => reduced && !parameter);
  const samples = take(({ reduced, parameter }) => !reduced && !parameter);
  if (runs.length > 0) return undefined;
  return {
    samples: samples?.length ?? 1,
    before: before?.length ?? 1,
    channels: channels?.length ?? 1,
    features: features?.length ?? 1,
    after: after?.length ?? 1,
    perChannel: channels?.parameter ?? false,
  };
}
