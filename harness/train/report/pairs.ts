/** Which arms are compared with which: those whose descriptions differ in declared fields alone. */
import type { TrialDescription } from "../record.ts";
import { type Field, settingsWithout } from "../settings.ts";
import type { Arm, Panel } from "./panel.ts";

/** What makes a norm: its name, its placement, and how it starts. */
export const NORM_FIELDS: readonly Field[] = [
  "model.norm",
  "model.placement",
  "model.dataDependentInitialization",
];

export interface Pair {
  readonly arm: Arm;
  readonly base: Arm;
}

/** Every arm with every base that differs from it in `fields` alone. */
function pairUp(arms: readonly Arm[], bases: readonly Arm[], fields: readonly Field[]): Pair[] {
  const byRest = Map.groupBy(bases, ({ description }) => settingsWithout(description, fields));
  return arms.flatMap((arm) =>
    (byRest.get(settingsWithout(arm.description, fields)) ?? []).map((base) => ({ arm, base }))
  );
}

export function isPlain({ description }: Arm): boolean {
  return description.model.norm === "none";
}

/** The arm without norm that differs from this one in nothing else; of a plain arm, itself. */
export function plainPartner(arm: Arm, { arms }: Panel): Arm | undefined {
  return isPlain(arm) ? arm : pairUp([arm], arms.filter(isPlain), NORM_FIELDS)[0]?.base;
}

export function againstNone(panel: Panel): Pair[] {
  return panel.arms.flatMap((arm) => {
    const base = plainPartner(arm, panel);
    return base === undefined || base === arm ? [] : [{ arm, base }];
  });
}

export function between({ arms }: Panel, norm: string, other: string): Pair[] {
  const named = (name: string) => arms.filter(({ description }) => description.model.norm === name);
  const fields: readonly Field[] = ["model.norm", "model.dataDependentInitialization"];
  return pairUp(named(norm), named(other), fields);
}

export function preAgainstPost({ arms }: Panel): Pair[] {
  const placed = (placement: string) =>
    arms.filter((arm) => !isPlain(arm) && arm.description.model.placement === placement);
  return pairUp(placed("pre"), placed("post"), ["model.placement"]);
}

/** A norm that starts from the statistics of the first batch against the same one that does not. */
export function dataStartAgainstPlain({ arms }: Panel): Pair[] {
  const started = (fromData: boolean) =>
    arms.filter(({ description }) => description.model.dataDependentInitialization === fromData);
  return pairUp(started(true), started(false), ["model.dataDependentInitialization"]);
}

/** What a question varies along an axis. */
export interface Variable {
  readonly name: string;
  /** The fields that change with it, its own among them. */
  readonly fields: readonly Field[];
  /** `null` where it is not a positive number. */
  of(description: TrialDescription): number | null;
  /** 2 where steps are doublings, else 10. */
  readonly base: 2 | 10;
}

function positive(value: number | string): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}

/** The learning rate may follow it. */
export const BATCH_SIZE: Variable = {
  name: "batch size",
  fields: ["batchSize", "optimizer.learningRate"],
  of: ({ batchSize }) => positive(batchSize),
  base: 2,
};

export const WEIGHT_SCALE: Variable = {
  name: "weight initialization scale",
  fields: ["model.weightScale"],
  of: ({ model }) => positive(model.weightScale),
  base: 10,
};

export const LEARNING_RATE: Variable = {
  name: "learning rate",
  fields: ["optimizer.learningRate"],
  of: ({ optimizer }) => positive(optimizer.learningRate),
  base: 10,
};

/** The values of a variable that some arms have, in order. */
export function valuesOf(arms: readonly Arm[], { of }: Variable): number[] {
  const values = arms.map(({ description }) => of(description)).filter((each) => each !== null);
  return [...new Set(values)].sort((a, b) => a - b);
}

/** Arms in the order of a variable, without those that do not have it. */
export function orderedBy(arms: readonly Arm[], { of }: Variable): Arm[] {
  return arms.filter(({ description }) => of(description) !== null)
    .sort((a, b) => of(a.description)! - of(b.description)!);
}

/** Arms that differ in a variable alone, each series in its order. */
export function seriesOf({ arms }: Panel, variable: Variable): Arm[][] {
  const series = Map.groupBy(arms, (arm) => settingsWithout(arm.description, variable.fields));
  return [...series.values()].map((each) => orderedBy(each, variable));
}

/** The arm with the largest value of a variable against that with the smallest, in each series. */
export function largestAgainstSmallest(panel: Panel, variable: Variable): Pair[] {
  return seriesOf(panel, variable).flatMap((arms) => pairOf(arms.at(-1), arms[0]));
}

/** The arm with the smallest value of a variable against that nearest to a usual one, in each series. */
export function smallestAgainst(panel: Panel, variable: Variable, usual: number): Pair[] {
  const distance = (arm: Arm) => Math.abs(Math.log(variable.of(arm.description)! / usual));
  return seriesOf(panel, variable).flatMap((arms) =>
    pairOf(arms[0], [...arms].sort((a, b) => distance(a) - distance(b))[0])
  );
}

function pairOf(arm: Arm | undefined, base: Arm | undefined): Pair[] {
  return arm && base && arm !== base ? [{ arm, base }] : [];
}
