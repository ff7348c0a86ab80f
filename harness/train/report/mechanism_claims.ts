/** What the records make of the mechanisms' claims. */
import { count, formatNumber } from "../../../reports/format.ts";
import type { Site } from "../../run/report.ts";
import type { Mechanism, MechanismClaim } from "../mechanisms/mechanism.ts";
import { MECHANISMS } from "../mechanisms/registry.ts";
import { judgeClaim, type JudgedClaim } from "../mechanisms/verdict.ts";
import type { ObservationRecord } from "../record.ts";
import type { Observation, TrainReport } from "./model.ts";

/** The observations of a mechanism that may be compared: of one site, on the same data, equally long. */
export interface MechanismPanel {
  readonly mechanism: Mechanism;
  readonly site: Site;
  readonly records: readonly ObservationRecord[];
  readonly claims: readonly { readonly claim: MechanismClaim; readonly judged: JudgedClaim }[];
}

/** The panels of all mechanisms of which there is a record, in the order of the registry. */
export function mechanismPanels({ observations }: TrainReport): MechanismPanel[] {
  return MECHANISMS.flatMap((mechanism) => {
    const own = observations.filter(({ record }) => record.mechanism === mechanism.name);
    const keyOf = ({ record, site }: Observation) =>
      JSON.stringify([site.label, record.data, record.settings]);
    return [...Map.groupBy(own, keyOf).values()].map((group) => {
      const records = group.map(({ record }) => record);
      const claims = mechanism.claims.map((claim) => ({ claim, judged: judge(claim, records) }));
      return { mechanism, site: group[0]!.site, records, claims };
    });
  });
}

function judge(claim: MechanismClaim, records: readonly ObservationRecord[]): JudgedClaim {
  const valuesOf = (arm: string) =>
    new Map(
      records.filter((record) => record.arm === arm)
        .map(({ number, values }) => [number, values[claim.value]] as const)
        .filter((entry): entry is [number, number] => Number.isFinite(entry[1])),
    );
  const own = valuesOf(claim.arm);
  const base = claim.base === undefined
    ? new Map([...own.keys()].map((number) => [number, claim.target ?? 0]))
    : valuesOf(claim.base);
  return judgeClaim(claim, own, base);
}

/** How many claims came out how. */
export function mechanismHeadline(panels: readonly MechanismPanel[]): string {
  const verdicts = panels.flatMap(({ claims }) => claims.map(({ judged }) => judged.verdict));
  const of = (verdict: JudgedClaim["verdict"]) =>
    verdicts.filter((each) => each === verdict).length;
  return `Of ${count(verdicts.length, "claim")}, ${of("supported")} supported, ${
    of("contradicted")
  } contradicted, ${of("undecided")} undecided.`;
}

/** `loss range: 0.2 [0.1, 0.3] times that of none, 10 trials`. */
export function effectText(claim: MechanismClaim, judged: JudgedClaim): string {
  const { effect, interval, trials, needed } = judged;
  if (trials === 0) return "no trial to compare: an arm is missing, or diverged";
  const { value, arm, base, target = 0, byRatio = false } = claim;
  // Of one arm alone the value itself says more than its distance from what is expected.
  const shift = base === undefined ? target : 0;
  const numbers = [effect, ...(interval ?? [])].map((number) => formatNumber(number + shift));
  const range = interval === null ? "" : ` [${numbers[1]}, ${numbers[2]}]`;
  const against = base === undefined
    ? `, ${target} expected`
    : byRatio
    ? ` times that of ${base}`
    : ` more than ${base}`;
  const more = needed === undefined ? "" : `; about ${needed} would decide it`;
  return `${inWords(value)} of ${arm}: ${numbers[0]}${range}${against}, ${
    count(trials, "trial")
  }${more}`;
}

/** `learning rate` for `learningRate`. */
export function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
