/** The settings of a trial: its description without what tells trials of one arm apart. */
import type { TrialDescription } from "./record.ts";

type Settings = Omit<TrialDescription, "id" | "suite" | "arm" | "number" | "seed">;

/** A field of a trial's settings by its path, as in `model.norm`. */
export type Field = {
  [name in keyof Settings]: Settings[name] extends number | string | readonly unknown[] ? name
    : `${name}.${keyof Settings[name] & string}`;
}[keyof Settings];

/** The settings of a trial by their paths; fields that this version does not know are among them. */
export function settingsOf(
  { id: _id, suite: _suite, arm: _arm, number: _number, seed: _seed, ...settings }:
    TrialDescription,
): Map<string, unknown> {
  return new Map(leaves(settings).sort(([a], [b]) => a < b ? -1 : 1));
}

function leaves(value: object, prefix = ""): [path: string, value: unknown][] {
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? leaves(inner, `${prefix}${name}.`)
      : [[prefix + name, inner] as [string, unknown]]
  );
}

/** A text that descriptions share exactly if they differ in nothing but `fields`. */
export function settingsWithout(description: TrialDescription, fields: readonly Field[]): string {
  const left = [...settingsOf(description)].filter(([path]) =>
    !fields.some((each) => each === path)
  );
  return JSON.stringify(left);
}
