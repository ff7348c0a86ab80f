/**
 * Which arms of a panel are held against which.
 *
 * @module
 */
import type { Pair } from "./contrast.ts";
import { normLabel } from "./labels.ts";
import { isAlike, partner } from "./measures.ts";
import type { Arm, Panel } from "./model.ts";
import type { Variable } from "./sweep.ts";

/** Each norm against the plain network that differs in nothing else. */
export function againstNone(panel: Panel): Pair[] {
  return panel.arms.flatMap((arm) => {
    const base = partner(arm, panel);
    return base === undefined || base === arm ? [] : [{ arm, base }];
  });
}

/** A norm against another, wherever two arms differ in nothing else. */
export function between(panel: Panel, norm: string, other: string): Pair[] {
  const named = (name: string) =>
    panel.arms.filter(({ description: { model } }) => model.norm === name);
  return named(norm).flatMap((arm) =>
    named(other).filter(({ description }) =>
      isAlike(description, arm.description) &&
      description.model.placement === arm.description.model.placement
    ).map((base) => ({ arm, base }))
  );
}

/** Before against after the activation, for each norm. */
export function preAgainstPost(panel: Panel): Pair[] {
  const placed = (placement: string) =>
    panel.arms.filter(({ description: { model } }) =>
      model.norm !== "none" && model.placement === placement
    );
  return placed("pre").flatMap((arm) =>
    placed("post").filter((base) =>
      normLabel(base.description) === normLabel(arm.description) &&
      isAlike(base.description, arm.description)
    ).map((base) => ({ arm, base }))
  );
}

/** Weight norm that started from data against that which started as the plain network. */
export function dataStartAgainstPlain({ arms }: Panel): Pair[] {
  const started = (fromData: boolean) =>
    arms.filter(({ description: { model } }) =>
      model.norm === "weight" && model.dataDependentInitialization === fromData
    );
  return started(true).flatMap((arm) =>
    started(false).filter(({ description }) => isAlike(description, arm.description))
      .map((base) => ({ arm, base }))
  );
}

/** The arm with the largest value of a variable against that with the smallest, for each norm. */
export function largestAgainstSmallest(panel: Panel, variable: Variable): Pair[] {
  return byNorm(panel, variable).flatMap((arms) => pairOf(arms.at(-1), arms[0]));
}

/** The arm with the smallest value of a variable against that nearest to a usual one, for each norm. */
export function smallestAgainst(panel: Panel, variable: Variable, usual: number): Pair[] {
  const distance = (arm: Arm) => Math.abs(Math.log(variable.of(arm)! / usual));
  return byNorm(panel, variable).flatMap((arms) =>
    pairOf(arms[0], [...arms].sort((a, b) => distance(a) - distance(b))[0])
  );
}

/** The arms of each norm, by a variable. */
export function byNorm({ arms }: Panel, variable: Variable): Arm[][] {
  const groups = Map.groupBy(arms, ({ description }) => normLabel(description));
  return [...groups.values()].map((group) => orderedBy(group, variable));
}

function pairOf(arm: Arm | undefined, base: Arm | undefined): Pair[] {
  return arm && base && arm !== base ? [{ arm, base }] : [];
}

/** Arms by a variable, without those that do not have it. */
export function orderedBy(arms: readonly Arm[], { of }: Variable): Arm[] {
  return arms.filter((arm) => of(arm) !== null).sort((a, b) => of(a)! - of(b)!);
}
