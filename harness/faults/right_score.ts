/**
 * Whether parity accuses right algorithms: the other half of the mutation score.
 *
 * A budget that is narrow enough notices every fault, and calls everything wrong. So legitimate
 * implementations go through the same cases, comparison and verdict, and none may be called wrong.
 *
 * @module
 */
import type { RightAlgorithm } from "../../fixtures/right/registry.ts";
import type { ParityCase } from "../../fixtures/parity_case.ts";
import { normByName } from "../../norms/registry.ts";
import type { BackendName } from "../backend/registry.ts";
import { answered, type QuantityRecord } from "../parity/record.ts";
import { runCase } from "../parity/run_case.ts";
import { type Catch, worst } from "./mutation_score.ts";

/** The backend that reads tensors synchronously. */
const READS_AT_ONCE: BackendName = "cpu";

/** Each seed runs every tenth case: all cases with all seeds would take too long. */
export const SHARES = 10;

/** A right algorithm that was called wrong. */
export interface Accusation extends Catch {
  readonly backend: BackendName;
  readonly seed: number;
}

export interface RightScore {
  readonly algorithm: RightAlgorithm;
  /** Cases that it computed, counted by backend and seed. */
  readonly cases: number;
  /** How many of these lose digits. */
  readonly losing: number;
  /** The largest error over the budget of any order of operations, where nothing left the range. */
  readonly largest: number;
  readonly accusations: readonly Accusation[];
}

/** Runs each algorithm on every backend and seed, each seed with its share of the cases. */
export async function rightScores(
  algorithms: readonly RightAlgorithm[],
  casesOf: (norm: string) => readonly ParityCase[],
  backends: readonly BackendName[],
  seeds: readonly number[],
): Promise<RightScore[]> {
  const scores = algorithms.map((algorithm) => ({
    algorithm,
    cases: 0,
    losing: 0,
    largest: 0,
    accusations: [] as Accusation[],
  }));
  for (const [name, ofNorm] of Map.groupBy(scores, ({ algorithm }) => algorithm.norm)) {
    const norm = normByName(name);
    for (const backend of backends) {
      for (const seed of seeds) {
        const share = casesOf(name).filter((_, i) => i % SHARES === seed % SHARES);
        for (const parityCase of share) {
          const able = ofNorm.filter(({ algorithm: { readsAtOnce, takes } }) =>
            (!readsAtOnce || backend === READS_AT_ONCE) && takes?.(parityCase) !== false
          );
          const subjects = Object.fromEntries(
            able.map(({ algorithm: { name, subject } }) => [name, subject]),
          );
          const plan = { norm, parityCase, subjects, references: {} };
          for (const record of await runCase(plan, [backend], seed)) {
            const score = able.find(({ algorithm }) => algorithm.name === record.contender)!;
            if (record.quantities.every(({ answer }) => !answered(answer))) continue;
            score.cases++;
            if (record.verdict === "loses digits") score.losing++;
            score.largest = Math.max(score.largest, ...record.quantities.map(anyOrderRatio));
            const found = worst(record, ({ verdict }) => verdict === "wrong");
            if (found !== undefined) score.accusations.push({ ...found, backend, seed });
          }
        }
      }
    }
  }
  return scores;
}

function anyOrderRatio({ answer }: QuantityRecord): number {
  return answered(answer) ? answer.anyOrderRatio : 0;
}
