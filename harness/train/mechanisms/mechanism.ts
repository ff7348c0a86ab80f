/** What a mechanism is: an account of why norms help, what it predicts, and how that is measured. */
import type { Preset } from "../questions/question.ts";
import type { TrainingImages } from "../images.ts";

/** What was measured in one trial of an arm. */
export interface Measured {
  /** Numbers that claims are judged by, by name. */
  readonly values: Readonly<Record<string, number>>;
  /** Curves, by name. */
  readonly series: Readonly<Record<string, Series>>;
}

export interface Series {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Steps, batch size, learning rate … of a mechanism, by name. */
export type Settings = Readonly<Record<string, number>>;

export interface MechanismContext<S extends Settings = Settings> {
  readonly settings: S;
  /** Weights, batches and noise follow from it. */
  readonly seed: number;
  readonly images: TrainingImages;
  /** Called as it goes on; `share` is of the whole trial. */
  onProgress(share: number): void;
}

/** A network, or whatever is measured, in one of the ways that are compared. */
export interface MechanismArm<S extends Settings = Settings> {
  /** Unique within the mechanism. */
  readonly name: string;
  /** Its colour in figures; arms of a norm have the norm's. */
  readonly colour: string;
  /** Whether its lines are dashed, to tell it from another of its colour; default false. */
  readonly isDashed?: boolean;
  measure(context: MechanismContext<S>): Promise<Measured>;
}

/** A prediction that the records can support or contradict. */
export interface MechanismClaim {
  readonly says: string;
  /** Who says so, and where. */
  readonly source: string;
  /** What they measured, in their setting. */
  readonly published: string;
  /** Which value decides. */
  readonly value: string;
  readonly arm: string;
  /** What the arm is compared with, trial by trial; left out, with `target`. */
  readonly base?: string;
  /** The value that the arm itself should have; default 0. */
  readonly target?: number;
  /** Whether the two are compared by their quotient, as losses and distances are; default: by difference. */
  readonly byRatio?: boolean;
  /** What it predicts of arm against base. */
  readonly expects: "higher" | "lower" | "equal" | "not higher";
  /** The least difference worth telling; by ratio, the least factor. */
  readonly least: number;
}

export interface CurveFigure {
  /** Which series; the mean over trials is drawn, with a band from the lowest to the highest. */
  readonly series: string;
  /** Series of the first trial that make the band instead, as percentiles do. */
  readonly band?: readonly [low: string, high: string];
  /** The arms that it shows; left out, all that have the series. */
  readonly arms?: readonly string[];
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Whether y is on a log scale; default false. */
  readonly isLog?: boolean;
  /** Whether x is; default false. */
  readonly isLogX?: boolean;
}

export interface Mechanism<S extends Settings = Settings> {
  /** What `--suite` takes. */
  readonly name: string;
  readonly title: string;
  readonly question: string;
  /** What is measured, on what network, and where that is smaller than the paper's. */
  readonly method: string;
  /** How long everything is, by preset; recorded, so that only what is alike is compared. */
  settings(preset: Preset): S;
  readonly arms: readonly MechanismArm<S>[];
  readonly claims: readonly MechanismClaim[];
  readonly figures: readonly CurveFigure[];
  readonly limits: readonly string[];
}

/** Trials of every arm. */
export const MECHANISM_TRIALS: Readonly<Record<Preset, number>> = {
  quick: 3,
  standard: 10,
  full: 10,
};
