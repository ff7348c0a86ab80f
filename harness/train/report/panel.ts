/** What is compared: trials, the arms that they make, and panels of arms. */
import type { Site } from "../../run/report.ts";
import type { EpochRecord, TrialDescription, TrialRecord } from "../record.ts";

export interface EndedTrial {
  readonly record: TrialRecord;
  readonly site: Site;
  /** In order; those of a broken file may have gaps. */
  readonly epochs: readonly EpochRecord[];
}

/** Trials that differ in their seed alone, at one site. */
export interface Arm {
  /** What sets it apart from the other arms of its panel. */
  readonly label: string;
  /** Description of the first trial; of the others, id, number and seed differ. */
  readonly description: TrialDescription;
  readonly trials: readonly EndedTrial[];
  readonly finished: readonly EndedTrial[];
  readonly diverged: readonly EndedTrial[];
}

/** Arms that may be compared: of one site, and of one description except for what the question varies. */
export interface Panel {
  /** What sets it apart from the other panels of its question. */
  readonly label: string;
  readonly site: Site;
  readonly arms: readonly Arm[];
}
